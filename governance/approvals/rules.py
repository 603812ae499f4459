"""Who may sign: pure functions returning sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from governance.approvals.transitions import State
from governance.separation.rules import no_capacity


@dataclass(frozen=True)
class VotingFacts:
    """What matters about one person, one step and one moment."""

    state: str = State.OPEN
    step: str = ""
    step_is_complete: bool = False
    waiting_for: str = ""
    wanted: str = ""
    capacity: str = ""
    # Why not in the place of those they stand in for: “would sign for Bea, who …”.
    not_in_place_of: Sequence[str] = ()
    is_requester: bool = False
    had_it_asked_by: str = ""
    requester_may_vote: bool = False
    contributions: Sequence[str] = ()
    contributors_may_vote: bool = False
    signed_here: bool = False
    signed_elsewhere: str = ""
    signed_for_by: str = ""


def may_vote(facts: VotingFacts) -> list[str]:
    """Why this person may not sign this step now; an empty list means that they may."""
    return [*not_entitled(facts), *not_now(facts)]


def is_to_sign(facts: VotingFacts) -> bool:
    """Whether the step is this person's to sign, now or once the steps before it are signed."""
    if not_entitled(facts):
        return False
    return not not_now(replace(facts, waiting_for=""))


def not_entitled(facts: VotingFacts) -> list[str]:
    """Reasons that lie in the person: no duty, or a part in what is judged."""
    reasons = [] if facts.capacity else no_capacity(facts.wanted, facts.not_in_place_of)
    if facts.is_requester and not facts.requester_may_vote:
        reasons.append("You asked for this approval, so you may not sign it.")
    if facts.had_it_asked_by and not facts.requester_may_vote:
        reasons.append(
            f"{facts.had_it_asked_by} asked for this approval in your place, so you may not sign it."
        )
    if not facts.contributors_may_vote:
        reasons += [f"You {part}, so you may not sign it." for part in facts.contributions]
    if facts.signed_elsewhere:
        reasons.append(
            f"You have decided on the step {facts.signed_elsewhere}; one person signs one step."
        )
    if facts.signed_for_by:
        reasons.append(f"{facts.signed_for_by} has signed this request for you.")
    return reasons


def ends_request(*, veto: bool, quorum: int, approvals: int, able: int) -> bool:
    """Whether a rejection closes the request: by veto, or since the quorum is out of reach.

    `able` are those who may still sign the step.
    """
    return veto or approvals + able < quorum


def not_now(facts: VotingFacts) -> list[str]:
    """Reasons that lie in the state of the request."""
    if facts.state == State.REWORK:
        return ["Changes were asked for; sign when the request is handed in again."]
    if facts.state != State.OPEN:
        closed = State(facts.state).label.lower()
        return [f"This request is {closed}; nothing more can be signed."]
    if facts.signed_here:
        return ["You have decided on this step already."]
    if facts.step_is_complete:
        return [f"The step {facts.step} is complete."]
    if facts.waiting_for:
        return [f"This step waits for {facts.waiting_for}."]
    return []
