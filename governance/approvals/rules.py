"""Who may sign, and whether a request can be signed at all: pure functions returning sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from governance.approvals.transitions import State

SHORTEST_REASON = 10
LONGEST_REASON = 5000


@dataclass(frozen=True)
class VotingFacts:
    """What matters about one person, one step and one moment."""

    state: str = State.OPEN
    step: str = ""
    step_is_complete: bool = False
    waiting_for: str = ""
    wanted: str = ""
    capacity: str = ""
    is_requester: bool = False
    requester_may_vote: bool = False
    contributions: Sequence[str] = ()
    contributors_may_vote: bool = False
    signed_here: bool = False
    signed_elsewhere: str = ""


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
    reasons = [] if facts.capacity else [f"You are not {facts.wanted}."]
    if facts.is_requester and not facts.requester_may_vote:
        reasons.append("You asked for this approval, so you may not sign it.")
    if not facts.contributors_may_vote:
        reasons += [f"You {part}, so you may not sign it." for part in facts.contributions]
    if facts.signed_elsewhere:
        reasons.append(
            f"You have signed the step {facts.signed_elsewhere}; one person signs one step."
        )
    return reasons


def not_now(facts: VotingFacts) -> list[str]:
    """Reasons that lie in the state of the request."""
    if facts.state != State.OPEN:
        closed = State(facts.state).label.lower()
        return [f"This request is {closed}; nothing more can be signed."]
    if facts.signed_here:
        return ["You have signed this step already."]
    if facts.step_is_complete:
        return [f"The step {facts.step} is complete."]
    if facts.waiting_for:
        return [f"This step waits for {facts.waiting_for}."]
    return []


@dataclass(frozen=True)
class PlannedStep:
    """A step as it would stand: who may sign it, and who carries the duty but is kept apart."""

    name: str
    wanted: str
    quorum: int = 1
    voters: Mapping[int, str] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict)


def gaps(steps: Sequence[PlannedStep]) -> list[str]:
    """Why these steps could never all be signed; an empty list means that they can."""
    short = [_too_few(step) for step in steps if len(step.voters) < step.quorum]
    if short or _seats_filled(steps) == sum(step.quorum for step in steps):
        return short
    needed = sum(step.quorum for step in steps)
    people = sorted({name for step in steps for name in step.voters.values()})
    names = " and ".join(step.name for step in steps)
    return [
        f"The steps {names} need {needed} different people, "
        f"but only {' and '.join(people)} may sign them."
    ]


def _too_few(step: PlannedStep) -> str:
    if not step.voters and not step.barred:
        return f"Nobody is {step.wanted}, so the step {step.name} cannot be signed."
    kept_apart = [f"{name} {why}" for name, why in step.barred.items()]
    able = [f"only {' and '.join(step.voters.values())} may sign"] if step.voters else []
    signatures = "one signature" if step.quorum == 1 else f"{step.quorum} signatures"
    return (
        f"The step {step.name} needs {signatures} by who is {step.wanted}, "
        f"but {' and '.join([*able, *kept_apart])}."
    )


def _seats_filled(steps: Sequence[PlannedStep]) -> int:
    """How many signatures different people can give (a bipartite matching by augmenting paths)."""
    seats = [step for step in steps for _ in range(step.quorum)]
    seat_of: dict[int, int] = {}

    def find_person(seat: int, tried: set[int]) -> bool:
        for person in seats[seat].voters:
            if person in tried:
                continue
            tried.add(person)
            if person not in seat_of or find_person(seat_of[person], tried):
                seat_of[person] = seat
                return True
        return False

    return sum(find_person(seat, set()) for seat in range(len(seats)))
