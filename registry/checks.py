"""Stops the start of a server whose gate cannot be asked."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from registry.gate import CLOSED, ClosedGate, get_gate


def check_gate(**_: Any) -> list[CheckMessage]:
    """The gate loads and can be asked; a closed one is for development only."""
    path = getattr(settings, "REGISTRY_ALIAS_GATE", CLOSED)
    try:
        gate = get_gate()
    except Exception as error:
        return [_error("E001", f"REGISTRY_ALIAS_GATE {path} cannot be loaded: {error}")]
    if not callable(getattr(gate, "decide", None)):
        return [_error("E001", f"REGISTRY_ALIAS_GATE {path} has no method decide(change).")]
    if isinstance(gate, ClosedGate) and not settings.DEBUG:
        return [_error("E002", "The registry's gate is closed: no alias could ever move.")]
    return []


def _error(code: str, sentence: str) -> Error:
    hint = "Name a class with decide(change) -> Decision, such as governance.release.gate.ReleaseGate."
    return Error(sentence, hint=hint, id=f"registry.{code}")
