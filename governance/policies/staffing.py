"""Whether the steps of a policy can all be signed by the people there are: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

# Who brings a model to release may ask for it: those who build, own or operate it.
MAY_ASK = ("register_version", "run_blessing", "release", "approve_release")
# Enough to find a way if there is one, in a use case of any size.
MOST_TRIED = 30


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


@dataclass(frozen=True)
class Staffing:
    """The people of one use case: who may sign which step, who builds versions, who may ask.

    People are their keys with their names.
    """

    use_case: str
    steps: Sequence[PlannedStep] = ()
    builders: Mapping[int, str] = field(default_factory=dict)
    askers: Mapping[int, str] = field(default_factory=dict)


def staffing_gaps(
    staffing: Staffing, *, requester_may_vote: bool, contributors_may_vote: bool
) -> list[str]:
    """Why no request could ever be signed, whoever builds the version and whoever asks.

    An empty list means that for at least one builder and one asker all steps find their people.
    """
    if missing := gaps(staffing.steps):
        return missing
    builders = [] if contributors_may_vote else list(staffing.builders)[:MOST_TRIED]
    askers = [] if requester_may_vote else list(staffing.askers)[:MOST_TRIED]
    found: list[str] = []
    for builder in builders or [None]:
        for asker in askers or [None]:
            barred = {builder: "builds the versions"}
            barred.setdefault(asker, "is the one to ask")
            found = gaps([_without(step, barred) for step in staffing.steps])
            if not found:
                return []
    return found


def _without(step: PlannedStep, barred: Mapping[int | None, str]) -> PlannedStep:
    able = {key: name for key, name in step.voters.items() if key not in barred}
    kept_apart = {name: barred[key] for key, name in step.voters.items() if key in barred}
    return replace(step, voters=able, barred=kept_apart)
