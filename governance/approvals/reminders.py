"""Reminds people of what waits for them: each point in time once, and after a downtime the newest only."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.approvals import mails, time_mails, times
from governance.approvals.models import Consultation, Finding, Reminder, Request, Step
from governance.approvals.services import locked
from governance.approvals.transitions import State
from governance.notifications.models import Notification

AT_ONCE = 500
STANDING = [State.OPEN, State.REWORK, State.APPROVED]
Tell = Callable[[], list[Notification]]
Key = tuple[int, int, int | None, int | None, int | None]


@dataclass(frozen=True)
class Pending:
    """Something that waits, the mark whose time has come, and how its people are reminded."""

    request: Request
    mark: times.Mark
    tell: Tell
    step: Step | None = None
    consultation: Consultation | None = None
    finding: Finding | None = None

    @property
    def key(self) -> tuple[Key, str]:
        about = (self.step, self.consultation, self.finding)
        step, consultation, finding = (one and one.pk for one in about)
        round_ = self.request.round if consultation is None and finding is None else 0
        return (self.request.pk, round_, step, consultation, finding), self.mark.name


def send_reminders(now: datetime | None = None) -> int:
    """Sends every reminder whose time has come and that has not gone out; returns how many did."""
    now = now or timezone.now()
    found = chain(_of_requests(now), _of_findings(Finding.objects.all(), now))
    parts = iter(lambda: list(islice(found, AT_ONCE)), [])
    return sum(_send(one, now) for part in parts for one in _not_sent(part))


def _of_requests(now: datetime) -> Iterator[Pending]:
    undecided = Request.objects.undecided().with_steps().select_related("policy_version")
    # a part at a time, however many wait
    for request in undecided.prefetch_related("consultations__user").iterator(AT_ONCE):
        yield from pending(request, now)


def pending(request: Request, now: datetime) -> Iterator[Pending]:
    """The newest mark that has passed of each thing that waits in the request."""
    if request.state == State.REWORK:
        yield from _of_changes(request, now)
        return
    for step in request.open_steps:
        if mark := times.newest(times.step_marks(request, step), now):
            yield Pending(request, mark, _voters(request, step, mark), step=step)
    for one in request.consultations.all():
        found = times.advice_marks(request, one.due_at)
        waits = one.answered_at is None and one.user.is_active
        if waits and (mark := times.newest(found, now)):
            yield Pending(request, mark, _adviser(one, mark), consultation=one)


def _of_changes(request: Request, now: datetime) -> Iterator[Pending]:
    since = times.changes_asked_at(request)
    if mark := times.newest(times.rework_marks(request, since), now):
        until = times.changes_due(request, since)
        yield Pending(request, mark, lambda: time_mails.remind_requester(request, until))


def _of_findings(among: QuerySet[Finding], now: datetime) -> Iterator[Pending]:
    """Conditions of requests that were not turned down, which their owners have not reported done."""
    standing = among.filter(
        reported_at=None, closed_at=None, owner__is_active=True, request__state__in=STANDING
    )
    related = ("request__version__model", "request__policy_version", "vote", "owner")
    for finding in standing.select_related(*related):
        if mark := times.newest(times.finding_marks(finding), now):
            yield Pending(finding.request, mark, _owner(finding, mark), finding=finding)


def _voters(request: Request, step: Step, mark: times.Mark) -> Tell:
    return lambda: time_mails.remind_voters(request, step, mark)


def _adviser(consultation: Consultation, mark: times.Mark) -> Tell:
    return lambda: time_mails.remind_adviser(consultation, mark)


def _owner(finding: Finding, mark: times.Mark) -> Tell:
    return lambda: time_mails.remind_owner(finding, mark)


def _not_sent(found: Iterable[Pending]) -> list[Pending]:
    found = list(found)
    sent = Reminder.objects.filter(request__in={one.request.pk for one in found})
    keys = {_key(one) for one in sent}
    return [one for one in found if one.key not in keys]


def _key(row: Reminder) -> tuple[Key, str]:
    of_round = row.consultation_id is None and row.finding_id is None
    about = (row.step_id, row.consultation_id, row.finding_id)
    return (row.request_id, row.round if of_round else 0, *about), row.mark


def _send(one: Pending, now: datetime) -> bool:
    """Looks again under the lock of the request: it may be signed, or reminded of, by now."""
    with transaction.atomic(durable=True):
        request = locked(one.request)
        again = [*pending(request, now), *_of_findings(request.findings.all(), now)]
        due = next((found for found in _not_sent(again) if found.key == one.key), None)
        if due is None:
            return False
        told = due.tell()
        Reminder.objects.create(
            request=request,
            round=request.round,
            step=due.step,
            consultation=due.consultation,
            finding=due.finding,
            mark=due.mark.name,
            told=[row.user.display_name for row in told],
            sent_at=now,
        )
        if due.step and not told:
            mails.tell_if_stuck(request)
    return True
