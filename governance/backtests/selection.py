"""Which past evaluations a back-test looks at; only those that its asker may see."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.backtests.serving import protected_names
from governance.errors import Invalid
from governance.evaluation.models import Evaluation
from governance.usecases.models import UseCase
from registry.models import AliasMove, PointerKind, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User

MOST_NAMES = 200


@dataclass(frozen=True)
class Selection:
    """Every criterion given must hold; one left out holds for all. Days are those of the measuring."""

    use_cases: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    only_served: bool = False

    def to_json(self) -> dict:
        told = asdict(self)
        return told | {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
        }

    @classmethod
    def from_json(cls, told: dict) -> "Selection":
        known = {field.name for field in fields(cls)}
        read = {key: tuple(v) if isinstance(v, list) else v for key, v in told.items()}
        for key in ("since", "until"):
            read[key] = date.fromisoformat(read[key]) if read.get(key) else None
        return cls(**{key: value for key, value in read.items() if key in known})

    def sentence(self) -> str:
        """“use case credit; tier 1; since 1 January 2026; only versions that ever served”."""
        parts = [
            _listed("use case", self.use_cases),
            _listed("model", self.models),
            _listed("tier", [str(tier) for tier in self.tiers]),
            f"since {_day(self.since)}" if self.since else "",
            f"until {_day(self.until)}" if self.until else "",
            "only versions that ever served" if self.only_served else "",
        ]
        return "; ".join(part for part in parts if part) or "everything the asker may see"


def check(selection: Selection, user: "User") -> None:
    """Refuses names the person may not see as if they did not exist, and periods that end before they begin."""
    for field, known, what in (
        ("models", _known_models, "model"),
        ("use_cases", _known_use_cases, "use case"),
    ):
        asked = getattr(selection, field)
        if len(asked) > MOST_NAMES:
            raise Invalid(f"Name at most {MOST_NAMES} {what}s, or none for all.", field=field)
        unknown = sorted(set(asked) - known(asked, user))
        if unknown:
            raise Invalid(f"There is no {what} called {unknown[0]}.", field=field)
    if selection.since and selection.until and selection.until < selection.since:
        raise Invalid("The period ends before it begins.", field="until")


def selected(
    selection: Selection, user: "User", *, before: datetime | None = None
) -> QuerySet[Evaluation]:
    """The finished evaluations that match and that the person may see, version by version, newest first."""
    found = Evaluation.objects.visible_to(user).finished()
    if before:
        found = found.filter(finished_at__lte=before)
    if selection.models:
        found = found.filter(version__model__name__in=selection.models)
    governed = "version__model__governed__use_case"
    if selection.use_cases:
        found = found.filter(**{f"{governed}__slug__in": selection.use_cases})
    if selection.tiers:
        found = found.filter(**{f"{governed}__tier__in": selection.tiers})
    if selection.since:
        found = found.filter(finished_at__date__gte=selection.since)
    if selection.until:
        found = found.filter(finished_at__date__lte=selection.until)
    if selection.only_served:
        found = found.filter(Exists(_served()))
    return found.order_by("version_id", "-finished_at", "-pk")


def _served() -> QuerySet[AliasMove]:
    """Moves by which a version came under a pointer that some policy protects."""
    aliases, stages = protected_names()
    pointers = Q(pointer_kind=PointerKind.ALIAS, pointer__in=aliases) | Q(
        pointer_kind=PointerKind.STAGE, pointer__in=stages
    )
    return AliasMove.objects.filter(pointers, to_version=OuterRef("version")).order_by()


def _known_models(names: Sequence[str], user: "User") -> set[str]:
    seen = RegisteredModel.objects.visible_to(user).filter(name__in=names)
    return set(seen.values_list("name", flat=True))


def _known_use_cases(slugs: Sequence[str], user: "User") -> set[str]:
    seen = UseCase.objects.visible_to(user).filter(slug__in=slugs)
    return set(seen.values_list("slug", flat=True))


def _listed(what: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"{what}{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
