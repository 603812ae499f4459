"""Requests that nobody decides, or hands in again, end: some time after they were due."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from governance.approvals import times
from governance.approvals.models import Request
from governance.approvals.services import locked, move
from governance.approvals.times import day
from governance.approvals.transitions import Act, State
from governance.errors import Conflict


def expire(request: Request, now: datetime | None = None) -> Request:
    """Closes a request whose time has run out; who asked and who had a part are told."""
    now = now or timezone.now()
    with transaction.atomic(durable=True):
        request = locked(request)
        if request.is_undecided and not is_spent(request, now):
            raise Conflict("The time of this request has not run out.")
        move(request, Act.EXPIRE, actor=None, reason=_reason(request))
    return request


def expire_overdue(now: datetime | None = None) -> int:
    """Expires every request whose time has run out, each in its own transaction; returns how many."""
    now = now or timezone.now()
    expired = 0
    for request in _spent(now):
        try:
            expire(request, now)
        except Conflict:  # decided by somebody between the two looks
            continue
        expired += 1
    return expired


def ends_at(request: Request) -> datetime | None:
    """When the request ends unless something happens; None where nothing is due."""
    if request.state == State.REWORK:
        return times.changes_due(request, times.changes_asked_at(request))
    last = request.escalations.filter(round=request.round).order_by("pk").last()
    return times.expires_at(request, last.escalated_at if last else None)


def is_spent(request: Request, now: datetime) -> bool:
    end = ends_at(request)
    return end is not None and end <= now


def _spent(now: datetime) -> Iterator[Request]:
    late = Q(state=State.OPEN, due_at__lte=now) | Q(state=State.REWORK)
    found = Request.objects.filter(late).with_steps().select_related("policy_version")
    return (one for one in found if is_spent(one, now))


def _reason(request: Request) -> str:
    if request.state == State.REWORK:
        since = times.changes_asked_at(request)
        return f"Changes were asked for on {day(since)}, and nobody handed it in again."
    return f"Not signed by {day(request.due_at)}, when it was due." if request.due_at else ""
