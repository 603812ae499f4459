"""The port through which the registry asks whether what is served may change; closed by default.

The registry asks for every pointer, protected or not: which ones are protected is the gate's
knowledge. It asks inside the lock on the model's row, so a revocation and a move cannot cross.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.module_loading import import_string

from registry.models import ModelVersion, RegisteredModel

CLOSED = "registry.gate.ClosedGate"
Kind = Literal[
    "set_alias",
    "delete_alias",
    "transition_stage",
    "delete_version",
    "delete_model",
    "rename_model",
]


@dataclass(frozen=True)
class Change:
    """One pointer about to move: from `previous` (None: it is new) to `version` (None: it goes)."""

    kind: Kind
    model: RegisteredModel
    pointer_kind: str
    pointer: str
    version: ModelVersion | None
    previous: ModelVersion | None
    actor: AbstractBaseUser


@dataclass(frozen=True)
class Decision:
    """Whether the change may happen, why, on what evidence, and the page that helps."""

    allowed: bool
    reasons: tuple[str, ...]
    evidence: dict[str, Any] = field(default_factory=dict)
    link: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "allowed": self.allowed,
            "reasons": list(self.reasons),
            "evidence": self.evidence,
            "link": self.link,
        }


class Gate(Protocol):
    def decide(self, change: Change) -> Decision:
        """Answers without writing anything; an exception counts as a refusal."""
        ...


class ClosedGate:
    """Refuses everything: the answer of a server that has nobody to ask."""

    def decide(self, change: Change) -> Decision:
        return Decision(
            allowed=False,
            reasons=("No gate is set up on this server, so no pointer may move.",),
        )


def get_gate() -> Gate:
    return import_string(getattr(settings, "REGISTRY_ALIAS_GATE", CLOSED))()
