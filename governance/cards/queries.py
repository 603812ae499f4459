"""What a version's card says in people's words, its own or carried over; changes nothing."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from governance.cards.models import TEXTS, CardRevision
from governance.usecases.queries import use_case_of
from raci.queries import duty_of
from registry import queries as registry
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

ACTIVITY = "model_card"


@dataclass(frozen=True)
class Writing:
    """The texts as they stand, which of them nobody confirmed for this version, and whose they are."""

    texts: dict[str, str]
    carried_over: frozenset[str] = frozenset()
    lifted_from: ModelVersion | None = None
    revision: CardRevision | None = None
    sentence: str = field(default="Nobody has written on this card yet.")


def writing(version: ModelVersion) -> Writing:
    """The newest revision; before there is one, the texts of the former version, all unconfirmed."""
    own = version.card_revisions.select_related("lifted_from__model").first()
    if own:
        when = f"{own.created_at:%d %b %Y}"
        return Writing(
            {key: getattr(own, key) for key in TEXTS},
            frozenset(own.carried_over),
            own.lifted_from,
            own,
            f"Revision {own.number} by {own.author_name}, {when}.",
        )
    former = _former(version)
    if former is None:
        return Writing(dict.fromkeys(TEXTS, ""))
    texts = {key: getattr(former, key) for key in TEXTS}
    return Writing(
        texts,
        frozenset(key for key, text in texts.items() if text),
        former.version,
        None,
        f"Carried over from {former.version.label}; nobody has confirmed it for this version.",
    )


def not_entitled(user: "User", version: ModelVersion) -> list[str]:
    """Why this person may not write on the card; an empty list means that they may."""
    use_case = use_case_of(version.model)
    if use_case is None:
        if registry.may(user, "register_version", version.model):
            return []
        return [f"You may not write on cards of {version.model.name}; ask its owner."]
    if any(duty_of(user, use_case.scope, ACTIVITY, duty) for duty in "RA"):
        return []
    return [
        "Writing on the card takes Responsible or Accountable for the model card in "
        f"{use_case.title}."
    ]


def _former(version: ModelVersion) -> CardRevision | None:
    """The newest revision of the parent, or else of the nearest earlier version that has one."""
    revisions = CardRevision.objects.select_related("version__model").filter(
        version__deleted_at=None
    )
    of_parent = None
    if version.parent_id:
        of_parent = revisions.filter(version=version.parent_id).first()
    return (
        of_parent
        or revisions.filter(version__model=version.model_id, version__number__lt=version.number)
        .order_by("-version__number", "-number")
        .first()
    )
