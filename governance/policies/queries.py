"""Which policy applies, and what people may read; changes nothing."""

from dataclasses import dataclass

from governance.policies.document import Protects
from governance.policies.models import PolicyVersion, read_once
from governance.usecases.queries import use_case_of
from registry.models import RegisteredModel


@dataclass(frozen=True)
class Applicable:
    """The one policy version in force for a model, or None and the sentence why."""

    policy_version: PolicyVersion | None
    reason: str

    def __bool__(self) -> bool:
        return self.policy_version is not None


def protected_somewhere() -> list[Protects]:
    """What each published policy protects, whichever models it is for."""
    texts = PolicyVersion.objects.published().order_by().values_list("text", flat=True)
    return [read_once(text).protects for text in texts]


def applicable_to(*, tier: int, tags: dict[str, str], use_case_slug: str) -> Applicable:
    """Finds the published policy whose criteria all hold; two that match are none."""
    matching = [
        version
        for version in PolicyVersion.objects.published().order_by("policy__name")
        if version.parsed.applies_to.matches(tier=tier, tags=tags, use_case_slug=use_case_slug)
    ]
    if len(matching) == 1:
        return Applicable(matching[0], f"{matching[0].label} applies.")
    subject = f"tier {tier} of the use case {use_case_slug}"
    if not matching:
        return Applicable(None, f"No published policy applies to {subject}; publish one.")
    names = " and ".join(version.label for version in matching)
    return Applicable(
        None,
        f"{names} both apply to {subject}; make one of them narrower, so that one applies."
        if len(matching) == 2
        else f"{names} all apply to {subject}; make them narrower, so that one applies.",
    )


def applicable_to_model(model: RegisteredModel) -> Applicable:
    """Finds the policy for a model by its use case and tags; an ungoverned model has none."""
    use_case = use_case_of(model)
    if use_case is None:
        return Applicable(None, f"{model.name} is ungoverned: no use case has adopted it.")
    tags = dict(model.tags.values_list("key", "value"))
    return applicable_to(tier=use_case.tier, tags=tags, use_case_slug=use_case.slug)
