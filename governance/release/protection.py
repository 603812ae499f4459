"""Which pointers of a model are protected, and by which policy; moves nothing."""

from dataclasses import dataclass

from governance.policies.document import Protects
from governance.policies.models import PolicyVersion
from governance.policies.queries import applicable_to, protected_somewhere
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from registry.models import PointerKind, RegisteredModel


@dataclass(frozen=True)
class Protection:
    """The pointers under protection. Without exactly one policy nothing can be cleared."""

    aliases: frozenset[str]
    stages: frozenset[str]
    reason: str
    use_case: UseCase | None = None
    policy_version: PolicyVersion | None = None

    def covers(self, pointer_kind: str, pointer: str) -> bool:
        named = self.aliases if pointer_kind == PointerKind.ALIAS else self.stages
        return pointer in named


def is_protected_anywhere(pointer_kind: str, pointer: str) -> bool:
    """Whether the pointer can be protected for any model at all; most never are."""
    return _without_policy("").covers(pointer_kind, pointer)


def protection_of(model: RegisteredModel) -> Protection:
    """What the applicable policy protects; without one, all that any policy would, and the defaults."""
    use_case = use_case_of(model)
    if use_case is None:
        reason = (
            f"{model.name} is ungoverned: a model outside any use case can never be cleared. "
            "Adopt it into one."
        )
        return _without_policy(reason)
    tags = dict(model.tags.values_list("key", "value"))
    found = applicable_to(tier=use_case.tier, tags=tags, use_case_slug=use_case.slug)
    if found.policy_version is None:
        return _without_policy(found.reason, use_case)
    protects = [found.policy_version.parsed.protects]
    return _protection(protects, found.reason, use_case, found.policy_version)


def _without_policy(reason: str, use_case: UseCase | None = None) -> Protection:
    """Every pointer that some policy protects stays protected, so that no gap opens between them."""
    return _protection([Protects(), *protected_somewhere()], reason, use_case)


def _protection(
    protects: list[Protects],
    reason: str,
    use_case: UseCase | None,
    policy_version: PolicyVersion | None = None,
) -> Protection:
    return Protection(
        aliases=frozenset(name for one in protects for name in one.aliases),
        stages=frozenset(name for one in protects for name in one.stages),
        reason=reason,
        use_case=use_case,
        policy_version=policy_version,
    )
