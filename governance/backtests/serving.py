"""What serves today under protection, and whose clearance ended early; for many versions at once."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q

from governance.policies.document import Protects
from governance.policies.queries import protected_somewhere
from governance.release.models import Clearance
from governance.release.protection import Protection, protection_of
from registry.models import Alias, ModelVersion, PointerKind, RegisteredModel


def protected_names() -> tuple[set[str], set[str]]:
    """The aliases and stages that any policy in force protects, and those protected by default."""
    protects = [Protects(), *protected_somewhere()]
    return (
        {name for one in protects for name in one.aliases},
        {name for one in protects for name in one.stages},
    )


class Serving:
    """Remembers what was found about a model: few versions serve, and theirs are the only models looked at."""

    def __init__(self) -> None:
        self._names = protected_names()
        self._protections: dict[int, Protection] = {}

    def among(self, versions: Collection[int]) -> set[int]:
        """The keys of those versions to which a pointer shows that is protected for their model."""
        aliases, stages = self._names
        pointed = Alias.objects.filter(version__in=versions, name__in=aliases)
        staged = ModelVersion.objects.filter(pk__in=versions, stage__in=stages)
        found = {
            alias.version_id
            for alias in pointed.select_related("model")
            if self._covers(alias.model, PointerKind.ALIAS, alias.name)
        }
        return found | {
            version.pk
            for version in staged.select_related("model")
            if self._covers(version.model, PointerKind.STAGE, version.stage)
        }

    def _covers(self, model: RegisteredModel, pointer_kind: str, pointer: str) -> bool:
        if model.pk not in self._protections:
            self._protections[model.pk] = protection_of(model)
        return self._protections[model.pk].covers(pointer_kind, pointer)


def ended_early(versions: Collection[int]) -> dict[int, list[tuple[datetime, str]]]:
    """When and why clearances ended before their time: revoked, or lapsed because their ground had gone."""
    early = Q(state=Clearance.State.REVOKED) | Q(
        state=Clearance.State.LAPSED, ended_at__lt=F("valid_until")
    )
    rows = (
        Clearance.objects.filter(early, version__in=versions)
        .order_by("ended_at")
        .values_list("version_id", "state", "ended_at", "reason")
    )
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for version, state, at, reason in rows:
        found[version].append((at, f"{state.capitalize()}: {reason}"))
    return found
