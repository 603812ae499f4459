"""What those who decide on a use case will see: one frozen account of it; judges nothing."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.text import get_text_list

from governance.approvals.kinds import Kind
from governance.policies.queries import applicable_to
from governance.release.evidence import use_case_account
from governance.usecases.models import UseCase
from registry.models import Alias, ModelVersion

FORMAT = 1
MOST_NAMED = 20
TITLES = {"licence": "Licence", "origin": "Who made it, from which data"}


def freeze(kind: Kind, use_case: UseCase, proposal: dict, details: dict[str, str]) -> dict:
    """Copies what the decision rests on, so that it reads the same in ten years."""
    facts = _tier(use_case, proposal) if kind == Kind.LOWER_TIER else _base(use_case, proposal)
    stated = [(TITLES[key], text) for key, text in details.items() if text]
    return {
        "format": FORMAT,
        "sentence": _sentence(kind, use_case, proposal),
        "use_case": use_case_account(use_case),
        "proposal": proposal,
        "details": details,
        "facts": [{"title": title, "text": text} for title, text in [*stated, *facts]],
    }


def changes(before: dict, after: dict) -> list[str]:
    """What differs between two accounts, in sentences."""
    old = {one["title"]: one["text"] for one in before["facts"]}
    new = {one["title"]: one["text"] for one in after["facts"]}
    told = [
        f"{title}: {old.get(title, 'not said')} → {text}"
        for title, text in new.items()
        if old.get(title) != text
    ]
    if before["use_case"] != after["use_case"]:
        told.append("What is written about the use case changed.")
    return told


def _sentence(kind: Kind, use_case: UseCase, proposal: dict) -> str:
    if kind == Kind.LOWER_TIER:
        labels = {tier.value: tier.label for tier in UseCase.Tier}
        before, after = labels[proposal["before"]], labels[proposal["after"]]
        return f"{use_case.title} is {before}; asked for is {after}."
    return f"{proposal['base_model']} is to be built upon in {use_case.title}."


def _tier(use_case: UseCase, proposal: dict) -> Iterator[tuple[str, str]]:
    """By which policies its models go now, and by which they would."""
    for title, tier in (
        ("Policies now", proposal["before"]),
        ("Policies then", proposal["after"]),
    ):
        yield title, " ".join(_policies(use_case, tier)) or "It governs no model yet."
    yield "Serving now", _named(_serving(use_case)) or "No version serves."


def _policies(use_case: UseCase, tier: int) -> Iterator[str]:
    governed = use_case.governed.select_related("model").prefetch_related("model__tags")
    for one in governed[:MOST_NAMED]:
        tags = {tag.key: tag.value for tag in one.model.tags.all()}
        found = applicable_to(tier=tier, tags=tags, use_case_slug=use_case.slug)
        policy = found.policy_version.label if found.policy_version else found.reason
        yield f"{one.model.name}: {policy.rstrip('.')}."


def _base(use_case: UseCase, proposal: dict) -> Iterator[tuple[str, str]]:
    """Who builds upon it already, here and elsewhere, and what was adopted before."""
    building = ModelVersion.objects.live().filter(base_model=proposal["base_model"])
    here = building.filter(model__governed__use_case=use_case)
    yield "Versions here that build upon it", _named(here) or "None yet."
    others = UseCase.objects.filter(base_models__name=proposal["base_model"])
    count = others.count()
    elsewhere = f"By {count} other use case{'s' * (count != 1)}." if count else "Nowhere yet."
    yield "Adopted elsewhere", elsewhere
    adopted = [one.name for one in use_case.base_models.all()[:MOST_NAMED]]
    yield "Adopted here", get_text_list(adopted, "and") or "Nothing yet."


def _serving(use_case: UseCase) -> QuerySet[ModelVersion]:
    pointed = Alias.objects.filter(model__governed__use_case=use_case)
    return ModelVersion.objects.filter(pk__in=pointed.values("version"))


def _named(versions: QuerySet[ModelVersion]) -> str:
    found = versions.select_related("model")[:MOST_NAMED]
    return get_text_list([one.label for one in found], "and")
