"""What is overdue goes on: to who is accountable, their deputies, who releases and owns, then who asked.

Nobody who is kept apart is asked to see to it; they are told, and it goes on past them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals import apart, queries, time_mails, times
from governance.approvals.models import Escalation, Request, Step
from governance.approvals.services import locked
from governance.approvals.transitions import State
from governance.audit import services as audit
from governance.audit.events import Event
from governance.notifications.addressing import Addressee, by_letter, each_once
from raci import queries as raci

# Whose Accountable answers for the decision, and for the use case as a whole.
RELEASE, OWNING = "approve_release", "define_use_case"
ASKER = 4  # the last rung


@dataclass(frozen=True)
class Rung:
    """Those to whom a step goes on together."""

    level: int
    people: Sequence[Addressee]


def escalate_overdue(now: datetime | None = None) -> int:
    """Lets every overdue step go on whose time has come; returns how many did."""
    now = now or timezone.now()
    late = (
        Request.objects.open()
        .filter(Q(due_at__lte=now) | Q(pk__in=_late_steps(now)))
        .with_steps()
    )
    found = late.select_related("policy_version").prefetch_related("escalations")
    return sum(_escalate(step, now) for one in found for step in _waiting(one, now))


def _late_steps(now: datetime) -> QuerySet[Step]:
    """Of a first round past their due date; in later rounds they may have time yet."""
    return Step.objects.filter(due_at__lte=now).values("request")


def asked_of(user: User) -> QuerySet[Escalation]:
    """What went on to the person in this round of open requests; its step may be signed by now."""
    return Escalation.objects.filter(
        user=user, kept_apart="", request__state=State.OPEN, round=F("request__round")
    )


def _waiting(request: Request, now: datetime) -> Iterator[Step]:
    """The open steps whose time to go on has come, and that have somewhere to go."""
    for step in request.open_steps:
        last = _went_on(request, step)
        moment = times.escalates_at(request, step, last[-1].escalated_at if last else None)
        if moment is not None and moment <= now:
            yield step


def _went_on(request: Request, step: Step) -> list[Escalation]:
    rows = request.escalations.all()
    return [one for one in rows if one.step_id == step.pk and one.round == request.round]


def _escalate(step: Step, now: datetime) -> bool:
    """Goes on by one rung, past those on which nobody new can be asked."""
    with transaction.atomic(durable=True):
        request = locked(step.request)
        if step.pk not in {one.pk for one in _waiting(request, now)}:
            return False
        [step] = [one for one in request.open_steps if one.pk == step.pk]
        gone = _write(request, step, now)
        if gone:
            _record(request, step, gone)
            time_mails.tell_escalated(request, step, gone)
    return bool(gone)


def _write(request: Request, step: Step, now: datetime) -> list[Escalation]:
    before = _went_on(request, step)
    reached = max((one.level for one in before), default=0)
    # who may sign it is reminded, and need not be told of their own delay
    known = {one.user_id for one in before} | {one.pk for one in queries.voters(request, step)}
    barred = apart.barred(request)
    gone: list[Escalation] = []
    for rung in ladder(request, step):
        if rung.level <= reached:
            continue
        new = [one for one in rung.people if one.user.pk not in known]
        gone += [_row(request, step, rung.level, one, barred, now) for one in new]
        known |= {one.user.pk for one in new}
        if any(not one.kept_apart for one in gone):
            break
    return Escalation.objects.bulk_create(gone)


def _row(
    request: Request, step: Step, level: int, one: Addressee, barred: apart.Parts, now: datetime
) -> Escalation:
    return Escalation(
        request=request,
        round=request.round,
        step=step,
        level=level,
        user=one.user,
        user_name=one.user.display_name,
        capacity=one.capacity,
        letter=one.letter,
        kept_apart=" and ".join(barred.get(one.user.pk, ())) if level < ASKER else "",
        escalated_at=now,
    )


def ladder(request: Request, step: Step) -> list[Rung]:
    """To whom an overdue step goes, in this order."""
    accountable = raci.carriers(request.scope, [step.activity], ["A"])
    answering = [
        one
        for activity in (RELEASE, OWNING)
        for one in raci.carriers(request.scope, [activity], ["A"])
    ]
    asker = Addressee(request.requester, "", "who asked for this approval")
    return [
        Rung(1, each_once(by_letter(accountable))),
        Rung(2, _deputies(request, accountable)),
        Rung(3, each_once(by_letter(answering))),
        Rung(ASKER, [asker]),
    ]


def _deputies(request: Request, of: Iterable[raci.Carrier]) -> list[Addressee]:
    """Those named to stand in for them, although nobody has entered an absence."""
    people = {one.user.pk: one for one in of}
    named = raci.named_deputies(request.scope).filter(person__in=people)
    return each_once(
        Addressee(
            one.deputy,
            "",
            f"deputy of {one.person}, {people[one.person_id].capacity('A')}",
        )
        for one in named.select_related("deputy", "person").order_by("pk")
    )


def _record(request: Request, step: Step, gone: Sequence[Escalation]) -> None:
    audit.record(
        Event.ESCALATED,
        request,
        actor=None,
        step=step.name,
        due_at=times.due_of(request, step),
        people=[one.user_name for one in gone],
        because=[f"{one.user_name}: {one.capacity}" for one in gone],
        told_only=[f"{one.user_name} {one.kept_apart}" for one in gone if one.kept_apart],
    )
