"""Which policy applies, and what people may read; changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.policies.document import Protects
from governance.policies.inheritance import Base
from governance.policies.models import PolicyVersion, read_once
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from registry.models import RegisteredModel

DEEPEST = 10


@dataclass(frozen=True)
class Applicable:
    """The one policy version in force for a model, or None and the sentence why.

    `matching` are all versions in force whose criteria hold, which should be one.
    """

    policy_version: PolicyVersion | None
    reason: str
    matching: tuple[PolicyVersion, ...] = ()

    def __bool__(self) -> bool:
        return self.policy_version is not None


@dataclass(frozen=True)
class Coverage:
    """Which policy a model of a use case is judged by, or why by none."""

    use_case: UseCase
    model: RegisteredModel | None
    applicable: Applicable


def protected_somewhere() -> list[Protects]:
    """What each published policy protects, whichever models it is for."""
    texts = PolicyVersion.objects.published().order_by().values_list("text", "resolved_text")
    return [read_once(whole or own).protects for own, whole in texts]


def applicable_to(*, tier: int, tags: dict[str, str], use_case_slug: str) -> Applicable:
    """Finds the published policy whose criteria all hold; two that match are none."""
    return choose(_in_force(), tier=tier, tags=tags, use_case_slug=use_case_slug)


def applicable_to_model(model: RegisteredModel) -> Applicable:
    """Finds the policy for a model by its use case and tags; an ungoverned model has none."""
    use_case = use_case_of(model)
    if use_case is None:
        return Applicable(None, f"{model.name} is ungoverned: no use case has adopted it.")
    tags = dict(model.tags.values_list("key", "value"))
    return applicable_to(tier=use_case.tier, tags=tags, use_case_slug=use_case.slug)


def choose(
    published: Iterable[PolicyVersion], *, tier: int, tags: dict[str, str], use_case_slug: str
) -> Applicable:
    """Picks the one that applies out of those in force, or says why there is not exactly one."""
    matching = tuple(
        version
        for version in published
        if version.parsed.applies(tier=tier, tags=tags, use_case_slug=use_case_slug)
    )
    if len(matching) == 1:
        return Applicable(matching[0], f"{matching[0].label} applies.", matching)
    subject = f"tier {tier} of the use case {use_case_slug}"
    if not matching:
        return Applicable(None, f"No published policy applies to {subject}; publish one.")
    names = " and ".join(version.label for version in matching)
    reason = (
        f"{names} both apply to {subject}; make one of them narrower, so that one applies."
        if len(matching) == 2
        else f"{names} all apply to {subject}; make them narrower, so that one applies."
    )
    return Applicable(None, reason, matching)


def coverage(
    use_cases: Sequence[UseCase], *, candidate: PolicyVersion | None = None
) -> list[Coverage]:
    """Says for each model of each use case which policy applies; for a use case without, by itself.

    With a candidate: as if it were in force in the place of its policy's present version.
    """
    published = list(_in_force())
    if candidate is not None:
        others = [one for one in published if one.policy_id != candidate.policy_id]
        published = [*others, candidate]
    models = RegisteredModel.objects.filter(governed__use_case__in=use_cases)
    models = models.select_related("governed").prefetch_related("tags").order_by("name")
    of_case: dict[int, list[RegisteredModel]] = {}
    for model in models:
        of_case.setdefault(model.governed.use_case_id, []).append(model)
    return [
        Coverage(
            case,
            model,
            choose(published, tier=case.tier, tags=_tags(model), use_case_slug=case.slug),
        )
        for case in use_cases
        for model in of_case.get(case.pk) or [None]
    ]


def published_version(name: str) -> PolicyVersion | None:
    """The version of a policy that is in force."""
    return PolicyVersion.objects.published().filter(policy__name=name).first()


def find_base(name: str) -> Base | None:
    """The version of a policy that is in force, as one that others extend."""
    version = published_version(name)
    return base_of(version) if version else None


def base_of(version: PolicyVersion) -> Base:
    return Base(
        name=version.policy.name,
        number=version.number,
        digest=version.digest,
        document=version.parsed,
        lineage=tuple(_lineage(version)),
    )


def _lineage(version: PolicyVersion) -> list[str]:
    names: list[str] = []
    above = version.base_version
    while above is not None and len(names) < DEEPEST:
        names.append(above.policy.name)
        above = above.base_version
    return names


def _in_force() -> Iterable[PolicyVersion]:
    return PolicyVersion.objects.published().order_by("policy__name")


def _tags(model: RegisteredModel | None) -> dict[str, str]:
    return {tag.key: tag.value for tag in model.tags.all()} if model else {}
