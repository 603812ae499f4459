"""To whom an open step goes, why not to others, and who may help, in sentences; reads nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from governance.accounts.models import User
from governance.approvals import apart
from governance.approvals.models import Escalation, Request, Step
from governance.approvals.times import day
from governance.separation import rules
from governance.separation.rules import Able
from raci import queries as raci


@dataclass(frozen=True)
class People:
    """Who carries the steps of a request now, and until when those of them who are away are."""

    carriers: Sequence[raci.Carrier] = ()
    away: Mapping[int, raci.Away] = field(default_factory=dict)
    escalated: Sequence[Escalation] = ()


def to_sign(able: Iterable[Able]) -> str:
    """Says “To be signed by Cy, as deputy of Rui, or Ray.”"""
    people = [
        f"{one.user.display_name}{raci.standing_in(one.capacity.stands_for)}" for one in able
    ]
    if not people:
        return "Nobody may sign this step now: name somebody in the RACI matrix."
    return f"To be signed by {' or '.join(people)}."


def notes(request: Request, step: Step, able: Sequence[Able], people: People) -> Iterator[str]:
    """Who is away, with a deputy or without, and, where nobody may sign, who is kept apart and why."""
    for one in able:
        if absence := people.away.get(one.user.pk):
            yield without_deputy(one.user, absence)
        if absence := people.away.get(one.capacity.stands_for_id):
            name = one.capacity.stands_for
            yield f"{name} is away{absence.words}, so it went to {one.user.display_name}."
    if not able:
        yield from kept_apart(request, step, people.carriers)
    yield from went_on(step, people.escalated)


def went_on(step: Step, escalated: Iterable[Escalation]) -> Iterator[str]:
    """Says “Escalated to Bo, Accountable for Validate independently, on 12 March 2026.”"""
    for one in escalated:
        if one.step_id == step.pk:
            capacity = f", {one.capacity}," if one.capacity else ""
            told = f" They {one.kept_apart}, so they are only told." if one.kept_apart else ""
            yield f"Escalated to {one.user_name}{capacity} on {day(one.escalated_at)}.{told}"


def without_deputy(person: User, absence: raci.Away) -> str:
    """Somebody away who carries a duty all the same has nobody to stand in for them."""
    return (
        f"{person.display_name} is away{absence.words} and has no deputy who is there; "
        f"{person.display_name}, an administrator or whoever may change the RACI matrix may name "
        "one."
    )


def kept_apart(request: Request, step: Step, carriers: Iterable[raci.Carrier]) -> Iterator[str]:
    """Says of each who carries the duty why they may not sign, as in “Ada registered the version.”"""
    barred, spent = apart.barred(request), apart.spent_in(request)
    for user, capacities in apart.by_person(carriers, step.activity, step.duty):
        standing = rules.standing(capacities, barred, spent)
        if why := rules.kept_from(user.pk, standing, barred):
            yield f"{user.display_name} {why}."
