"""The registry's gate: a protected pointer moves only to a version that is cleared now."""

from governance.release.assessment import assess
from governance.release.models import Clearance
from governance.release.protection import is_protected_anywhere, protection_of
from registry.gate import Change, Decision

REFUSED = {
    "rename_model": (
        "{previous} serves as {pointer}, and who uses it follows the name {model}; take "
        "{pointer} away before you rename."
    ),
    "delete_version": "{previous} serves as {pointer}; move or take away {pointer} first.",
    "delete_model": "{previous} serves as {pointer}; take away {pointer} first.",
}


class ReleaseGate:
    """Decides by clearances alone; who may move pointers at all is the registry's permission."""

    def decide(self, change: Change) -> Decision:
        if change.kind in REFUSED:
            return self._keep(change)
        if change.version is None:
            return self._take_away(change)
        return self._move(change)

    def _move(self, change: Change) -> Decision:
        if not is_protected_anywhere(change.pointer_kind, change.pointer):
            return Decision(True, (f"{change.pointer} is not protected anywhere.",))
        found = assess(change.version, change.pointer, pointer_kind=change.pointer_kind)
        return Decision(found.allowed, found.reasons, _evidence(found.clearance), found.link)

    def _take_away(self, change: Change) -> Decision:
        """Out of service is the safe direction: whoever may move the pointer may do it at once."""
        reason = f"Taking {change.pointer} away needs no clearance."
        return Decision(True, (reason,))

    def _keep(self, change: Change) -> Decision:
        if not protection_of(change.model).covers(change.pointer_kind, change.pointer):
            return Decision(True, (f"{change.pointer} is not protected.",))
        reason = REFUSED[change.kind].format(
            previous=change.previous, pointer=change.pointer, model=change.model.name
        )
        return Decision(False, (reason,), link=change.previous.get_absolute_url())


def _evidence(clearance: Clearance | None) -> dict:
    """What the move keeps about the clearance that allowed it."""
    if clearance is None:
        return {}
    return {
        "clearance": clearance.pk,
        "request": clearance.request_id,
        "evidence_digest": clearance.request.evidence_digest,
        "blessing": clearance.blessing.digest,
        "policy": clearance.policy_version.label,
        "digest": clearance.digest,
        "valid_until": clearance.valid_until.isoformat(),
    }
