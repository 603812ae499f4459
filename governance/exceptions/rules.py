"""Who may ask, grant and revoke, and for how long: pure functions returning sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from governance.exceptions.transitions import State
from governance.separation.rules import no_capacity

GRANTING = "grant_exception"
RELEASING = "approve_release"
# Days, by the tier of the use case.
LONGEST = {1: timedelta(days=90), 2: timedelta(days=180), 3: timedelta(days=180)}


@dataclass(frozen=True)
class Seat:
    """One signature that a grant needs: who carries one of the duties in the activity may give it."""

    activity: str
    duties: str


# The higher the risk the more people answer for going on: business and validation in tier 1.
SEATS = {
    1: (Seat(GRANTING, "A"), Seat(RELEASING, "A")),
    2: (Seat(GRANTING, "A"),),
    3: (Seat(GRANTING, "AR"),),
}
# Who answers for an exception may take it back at once.
REVOKING = (Seat(GRANTING, "AR"), Seat(RELEASING, "A"))


def longest(tier: int, at_most: timedelta | None) -> timedelta:
    """The tier's limit, or the policy's where that is narrower."""
    return min(LONGEST[tier], at_most) if at_most else LONGEST[tier]


@dataclass(frozen=True)
class PolicyFacts:
    """What the policy that applies today says about this exception."""

    label: str = "the policy"
    governs: bool = True
    has_rule: bool = True
    allows: bool = True


def policy_obstacles(facts: PolicyFacts) -> list[str]:
    """Why the policy lets nobody except this rule; empty when it does."""
    if not facts.governs:
        return [f"{facts.label} applies now, not the policy whose rule is red; evaluate again."]
    if not facts.has_rule:
        return [f"{facts.label} does not have this rule any more; evaluate again."]
    if not facts.allows:
        return [f"{facts.label} allows no exceptions."]
    return []


def bad_end(until: date, *, today: date, longest: timedelta) -> list[str]:
    """Why an exception cannot end on that day; the last day counts."""
    if until <= today:
        return ["An exception ends on a day to come."]
    if until > today + longest:
        last = today + longest
        return [
            f"Here an exception lasts at most {longest.days} days: until {long_date(last)}."
        ]
    return []


@dataclass(frozen=True)
class SigningFacts:
    """What matters about one person, one exception and one day."""

    state: str = State.ASKED
    until: date = date.max
    today: date = date.min
    asked_on: date = date.min
    longest: timedelta = timedelta.max
    policy: PolicyFacts = PolicyFacts()
    wanted: Sequence[str] = ()
    capacity: str = ""
    # Why not in the place of those they stand in for: “would sign for Bea, who …”.
    not_in_place_of: Sequence[str] = ()
    signed_for_by: str = ""
    seat_is_taken_by: str = ""
    is_asker: bool = False
    contributions: Sequence[str] = ()
    has_signed: bool = False


def may_sign(facts: SigningFacts) -> list[str]:
    """Why this person may neither grant nor refuse now; an empty list means that they may."""
    return [*not_entitled(facts), *not_now(facts)]


def not_entitled(facts: SigningFacts) -> list[str]:
    """Reasons that lie in the person: no duty, or a part in what is excepted."""
    reasons = (
        [] if facts.capacity else no_capacity(" or ".join(facts.wanted), facts.not_in_place_of)
    )
    if facts.is_asker:
        reasons.append("You asked for this exception, so you may not sign it.")
    if facts.signed_for_by:
        reasons.append(f"{facts.signed_for_by} has signed this exception for you.")
    return reasons + [f"You {part}, so you may not sign it." for part in facts.contributions]


def not_now(facts: SigningFacts) -> list[str]:
    """Reasons that lie in the exception and in the day."""
    if facts.state != State.ASKED:
        state = State(facts.state).label.lower()
        return [f"This exception is {state}; nothing more can be signed."]
    if facts.has_signed:
        return ["You have signed this exception already."]
    if facts.seat_is_taken_by:
        return [f"{facts.seat_is_taken_by} has signed as this already."]
    if facts.until < facts.today:
        return [f"Its last day was {long_date(facts.until)}."]
    if facts.until - facts.asked_on > facts.longest:
        return [
            f"It was asked for until {long_date(facts.until)}; now at most "
            f"{facts.longest.days} days are allowed. Ask again."
        ]
    return policy_obstacles(facts.policy)


@dataclass(frozen=True)
class PlannedSeat:
    """A signature as it would be given: by whom, and who carries the duty but is kept apart."""

    wanted: str
    able: Mapping[int, str] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict)


def gaps(seats: Sequence[PlannedSeat]) -> list[str]:
    """Why these signatures could never all be given; an empty list means that they can."""
    empty = [_empty(seat) for seat in seats if not seat.able]
    people = {pk: name for seat in seats for pk, name in seat.able.items()}
    if empty or len(people) >= len(seats):
        return empty
    wanted = " and ".join(seat.wanted for seat in seats)
    return [f"Two people must sign, {wanted}; only {' and '.join(people.values())} may."]


def _empty(seat: PlannedSeat) -> str:
    if not seat.barred:
        return f"Nobody is {seat.wanted}, so nobody could grant it."
    apart = " and ".join(f"{name} {why}" for name, why in seat.barred.items())
    return f"Nobody who is {seat.wanted} may grant it: {apart}."


def best_seat(open_seats: Sequence[tuple[Seat, int]]) -> Seat | None:
    """Which of the seats open to a person to take: the one that the fewest could take instead."""
    return min(open_seats, key=lambda found: found[1])[0] if open_seats else None


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
