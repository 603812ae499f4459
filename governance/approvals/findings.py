"""Conditions of an approval: set with the signature, reported done by their owner, closed by who set them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals import mails
from governance.approvals.models import Finding, Request, Vote
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.reasons import bounded

MOST = 10
LONGEST_TEXT = 1000
FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Condition:
    """What must be done, who sees to it, and the last day for it."""

    text: str
    owner: str
    due_on: date


def checked(
    conditions: Sequence[Condition], decision: str, request: Request
) -> list[tuple[Condition, User]]:
    """The conditions with their owners; Invalid names the first that cannot be set."""
    if conditions and decision != Vote.Decision.APPROVE:
        raise Invalid("Only an approval has conditions.", field="conditions")
    if len(conditions) > MOST:
        raise Invalid(f"Set at most {MOST} conditions.", field="conditions")
    return [(one, _owner(one, request)) for one in conditions]


def _owner(condition: Condition, request: Request) -> User:
    bounded(condition.text, "conditions", LONGEST_TEXT)
    today = timezone.localdate()
    if not today <= condition.due_on <= today + FARTHEST:
        raise Invalid(
            f"“{condition.text}” is due between today and {today + FARTHEST:%d %B %Y}.",
            field="conditions",
        )
    owner = User.objects.filter(username=condition.owner, is_active=True).first()
    if owner is None or not request.is_seen_by(owner):
        raise Invalid(
            f"{condition.owner} is nobody who sees this request; name the user name of its owner.",
            field="conditions",
        )
    return owner


def set_conditions(
    request: Request, vote: Vote, owners: Sequence[tuple[Condition, User]]
) -> list[Finding]:
    """Writes them beside the signature, in its transaction, and tells their owners."""
    found = Finding.objects.bulk_create(
        Finding(
            request=request,
            vote=vote,
            text=condition.text.strip(),
            owner=owner,
            owner_name=owner.display_name,
            due_on=condition.due_on,
        )
        for condition, owner in owners
    )
    for finding in found:
        _record(Event.FINDING_SET, finding, vote.user)
        mails.tell_condition(finding)
    return found


def report(finding: Finding, *, actor: User, report: str) -> Finding:
    """The owner says what was done; who set the condition then closes it or opens it again."""
    report = bounded(report, "report", LONGEST_TEXT)
    with _changing(Event.FINDING_REPORTED, finding, actor) as finding:
        if finding.owner_id != actor.pk:
            raise NotAllowed(f"{finding.owner_name} sees to this condition.")
        if finding.reported_at:
            raise Conflict("This condition is reported done already.")
        finding.report, finding.reported_at = report, timezone.now()
        finding.save(update_fields=["report", "reported_at"])
        _record(Event.FINDING_REPORTED, finding, actor, report=report)
        mails.tell_reported(finding)
    return finding


def close(finding: Finding, *, actor: User) -> Finding:
    """Who set the condition accepts what was done."""
    with _changing(Event.FINDING_CLOSED, finding, actor) as finding:
        _refuse_other(finding, actor)
        _refuse_unreported(finding)
        finding.closed_at = timezone.now()
        finding.save(update_fields=["closed_at"])
        _record(Event.FINDING_CLOSED, finding, actor)
        mails.tell_condition_closed(finding)
    return finding


def reopen(finding: Finding, *, actor: User, reason: str) -> Finding:
    """Who set the condition says that it is not done; its day stays."""
    reason = bounded(reason, "reason", LONGEST_TEXT)
    with _changing(Event.FINDING_REOPENED, finding, actor) as finding:
        _refuse_other(finding, actor)
        _refuse_unreported(finding)
        finding.report, finding.reported_at = "", None
        finding.save(update_fields=["report", "reported_at"])
        _record(Event.FINDING_REOPENED, finding, actor, reason=reason)
        mails.tell_reopened(finding, reason)
    return finding


@contextmanager
def _changing(event: Event, finding: Finding, actor: User) -> Iterator[Finding]:
    """Opens the transaction of a change on the locked condition; a refusal is recorded after it."""
    with (
        audit.refusals_recorded(event, finding.request, actor=actor),
        transaction.atomic(durable=True),
    ):
        yield _locked(finding)


def _locked(finding: Finding) -> Finding:
    """The condition under its row lock; a Conflict when it is closed, for that is its end."""
    Finding.objects.select_for_update(of=["self"]).get(pk=finding.pk)
    related = Finding.objects.select_related("request__version__model", "vote", "owner")
    found = related.get(pk=finding.pk)
    if found.closed_at:
        raise Conflict("This condition is closed.")
    return found


def _refuse_other(finding: Finding, actor: User) -> None:
    if finding.vote.user_id != actor.pk:
        raise NotAllowed(f"{finding.vote.user_name} set this condition and decides on it.")


def _refuse_unreported(finding: Finding) -> None:
    if finding.reported_at is None:
        raise Conflict(f"{finding.owner_name} has not reported this condition done yet.")


def record_overdue(request: Request) -> None:
    """Writes of each condition that is overdue that it is; in the transaction of what follows from it."""
    for finding in Finding.objects.overdue().filter(request=request).select_related("request"):
        _record(Event.FINDING_OVERDUE, finding, None)


def _record(event: Event, finding: Finding, actor: User | None, **facts: str) -> None:
    told = {"condition": finding.text, "owner": finding.owner_name, "due_on": finding.due_on}
    audit.record(event, finding.request, actor=actor, **told, **facts)
