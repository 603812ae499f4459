"""What a signature leads to, in a sentence said before it is given; reads nothing that is not loaded."""

from governance.approvals.models import Request, Step
from raci.models import Letters


def after_signing(request: Request, step: Step) -> str:
    """Says whom one more approval of the step brings in, or what it grants.

    The request comes with its steps and votes.
    """
    lacking = step.quorum - len(step.approvals) - 1
    if lacking > 0:
        return f"After yours, {step.name} needs {lacking} more {_signatures(lacking)}."
    others = [
        one
        for one in request.steps.all()
        # those of earlier stages are signed when it comes to this one
        if one.pk != step.pk and one.stage >= step.stage and not one.is_complete
    ]
    beside = [one for one in others if one.stage == step.stage]
    if beside:
        return f"After yours, {_names(beside)} {_is(beside)} still to be signed."
    if others:
        stage = min(one.stage for one in others)
        following = [one for one in others if one.stage == stage]
        return f"After yours, {' and '.join(map(_asked, following))}."
    return f"Yours is the last signature: {request.outcome}"


def _asked(step: Step) -> str:
    who = Letters(step.duty).label
    return f"{step.name} goes to who is {who} for {step.activity_title}"


def _signatures(count: int) -> str:
    return "signature" if count == 1 else "signatures"


def _names(steps: list[Step]) -> str:
    return " and ".join(one.name for one in steps)


def _is(steps: list[Step]) -> str:
    return "is" if len(steps) == 1 else "are"
