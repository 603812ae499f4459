"""When a request, its steps and its advice are due, and what follows then: pure, but for the house's calendar.

What a policy leaves open about reminders, escalation and expiry stands in `FollowUp`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from governance.approvals.models import Finding, Request, Step, Vote
from governance.policies.document import FollowUp, duration_text
from governance.working_days import Span, WorkingCalendar, house_calendar

HALF_WAY, OVERDUE = "half-way", "overdue"


@dataclass(frozen=True)
class Mark:
    """A point in time at which people are reminded; the name tells it from the others."""

    name: str
    at: datetime


def due(asked_at: datetime, due_in: Span | None) -> datetime | None:
    """By when something asked for at that moment is due; None where the policy names no time."""
    return house_calendar().after(asked_at, due_in) if due_in else None


def last_due(asked_at: datetime, spans: Iterable[Span | None]) -> datetime | None:
    """By when all of them are due."""
    moments = [due(asked_at, one) for one in spans if one]
    return max(moments, default=None)


def written(due_in: Span | None) -> str:
    """As the policy writes it; empty where it names no time."""
    return duration_text(due_in) if due_in else ""


def marks(
    asked_at: datetime, due_at: datetime, follow_up: FollowUp, calendar: WorkingCalendar
) -> list[Mark]:
    """When to remind of something, in order; nothing from before it was asked for."""
    found = [
        Mark(f"{duration_text(span)} before", calendar.before(due_at, span))
        for span in follow_up.remind_before
    ]
    if follow_up.half_way:
        found.append(Mark(HALF_WAY, asked_at + (due_at - asked_at) / 2))
    found.append(Mark(OVERDUE, due_at))
    return sorted((one for one in found if one.at > asked_at), key=lambda one: one.at)


def newest(found: Iterable[Mark], now: datetime) -> Mark | None:
    """The last whose time has come: after downtime the ones before it are stale."""
    return max((one for one in found if one.at <= now), key=lambda one: one.at, default=None)


def follow_up_of(request: Request) -> FollowUp:
    """What the policy of the request says; the house's own where there is no policy."""
    version = request.policy_version
    return version.parsed.follow_up if version else FollowUp()


def asked_at(request: Request, step: Step) -> datetime:
    """When the step was first to be signed: when the one before it was done, or the round began."""
    signed = [
        vote.signed_at
        for one in request.steps.all()
        if one.stage < step.stage
        for vote in one.approvals
    ]
    return max([request.round_began_at, *signed])


def due_of(request: Request, step: Step) -> datetime | None:
    return step.due or request.due_at


def step_marks(request: Request, step: Step) -> list[Mark]:
    return _marks(request, asked_at(request, step), due_of(request, step))


def advice_marks(request: Request, due_at: datetime | None) -> list[Mark]:
    return _marks(request, request.opened_at, due_at)


def finding_marks(finding: Finding) -> list[Mark]:
    return _marks(finding.request, finding.vote.signed_at, finding.ends_at)


def rework_marks(request: Request, since: datetime) -> list[Mark]:
    """Reminders before the request ends unchanged; then it ends, so nothing is overdue."""
    found = _marks(request, since, changes_due(request, since))
    return [one for one in found if one.name != OVERDUE]


def _marks(request: Request, since: datetime, until: datetime | None) -> list[Mark]:
    if until is None:
        return []
    return marks(since, until, follow_up_of(request), house_calendar())


def escalates_at(
    request: Request, step: Step, went_on_at: datetime | None = None
) -> datetime | None:
    """When an unsigned step goes on: so long after it was due, and again after it last went on."""
    due_at = due_of(request, step)
    if due_at is None:
        return None
    since = went_on_at or max(due_at, asked_at(request, step))
    return house_calendar().after(since, follow_up_of(request).escalate_after)


def expires_at(request: Request, went_on_at: datetime | None = None) -> datetime | None:
    """When an open request ends unsigned; None where nothing is due.

    Whoever it went on to last has as long as anybody before them, also after a downtime.
    """
    if request.due_at is None:
        return None
    calendar, follow_up = house_calendar(), follow_up_of(request)
    ends = calendar.after(request.due_at, follow_up.expire_after)
    if went_on_at is None:
        return ends
    return max(ends, calendar.after(went_on_at, follow_up.escalate_after))


def changes_asked_at(request: Request) -> datetime:
    """When the changes were asked for that the request waits for."""
    asked = [
        vote.signed_at
        for step in request.steps.all()
        for vote in step.votes.all()
        if vote.decision == Vote.Decision.CHANGES and vote.round == request.round
    ]
    return max(asked, default=request.round_began_at)


def changes_due(request: Request, since: datetime) -> datetime:
    return house_calendar().after(since, follow_up_of(request).changes_within)


def day(moment: datetime) -> str:
    """A day as sentences name it, in the server's time zone."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%B %Y}"
