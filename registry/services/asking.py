"""Asks the gate about one pointer, and writes the move down with the decision that allowed it."""

from registry.errors import NotAllowed
from registry.gate import Change, Decision, get_gate
from registry.models import AliasMove


def ask(change: Change) -> Decision:
    """Returns the gate's consent; raises its refusal with every reason and the link that helps."""
    decision = get_gate().decide(change)
    if not decision.allowed:
        raise NotAllowed(
            f"{sentence(change)}: refused. {' '.join(decision.reasons)}".strip(),
            code="gate_closed",
            reasons=decision.reasons,
            link=decision.link,
        )
    return decision


def write_move(change: Change, decision: Decision) -> AliasMove:
    return AliasMove.objects.create(
        model=change.model,
        pointer_kind=change.pointer_kind,
        pointer=change.pointer,
        from_version=change.previous,
        to_version=change.version,
        actor=change.actor,
        actor_name=str(change.actor)[:200],
        decision=decision.as_json(),
    )


def sentence(change: Change) -> str:
    """Says what was about to happen."""
    what = f"{change.pointer_kind} {change.pointer}"
    match change.kind:
        case "delete_version":
            return f"Deleting {change.previous}, which {what} points to"
        case "delete_model":
            return f"Deleting {change.model}, whose {what} points to {change.previous}"
        case "rename_model":
            return f"Renaming {change.model}, whose {what} points to {change.previous}"
    if change.version is None:
        return f"Taking {what} away from {change.previous}"
    return f"Moving {what} to {change.version}"
