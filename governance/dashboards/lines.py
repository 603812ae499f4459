"""What waits for one person besides signatures, as short lines of many kinds read in one statement."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    F,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals import escalation
from governance.approvals.models import Consultation, Finding, Request
from governance.approvals.queries import advice_wanted
from governance.jobs.models import Job
from governance.notifications.acknowledging import unread
from governance.release.models import Clearance
from governance.release.queries import retired_but_serving
from raci import queries as raci
from raci.models import Matrix, Role

MOST = 20
COLUMNS = {
    "key": TextField(),
    "request": IntegerField(),
    "person": IntegerField(),
    "title": TextField(),
    "text": TextField(),
    "who": TextField(),
    "url": TextField(),
    "letter": CharField(),
    "day": DateField(),
    "at": DateTimeField(),
    "due": DateTimeField(),
}


class Line(NamedTuple):
    """One line; what its columns mean depends on the kind, `request` is a key to be looked up."""

    kind: str
    key: str
    request: int | None
    person: int | None
    title: str
    text: str
    who: str
    url: str
    letter: str
    day: date | None
    at: datetime | None
    due: datetime | None


Lines = dict[str, list[Line]]


def read(branches: Iterable[QuerySet]) -> Lines:
    """The lines by kind, each kind in the order of its branch; one query."""
    found: Lines = defaultdict(list)
    first, *others = [*branches] or [Request.objects.none()]
    for row in first.union(*others, all=True):
        found[row[0]].append(Line(*row))
    return found


def own(
    user: User,
    failed: Q,
    owned: Iterable[str],
    reviewing: Collection[str],
    switching_off: Collection[str],
) -> list[QuerySet]:
    """Everything that is one's own; `failed` says which jobs.

    `owned` are the scopes one answers for, `reviewing` those in which one validates again, and
    `switching_off` those in which one carries retirements out.
    """
    return [
        advice(advice_wanted(user)),
        rework(user),
        escalated(user),
        conditions(Finding.objects.filter(owner=user, reported_at=None, closed_at=None)),
        reported(user),
        failed_jobs(failed),
        told(user),
        gaps(owned),
        to_validate_again(reviewing),
        to_switch_off(switching_off),
    ]


def late(user: User) -> list[QuerySet]:
    """What of one's own is past its time."""
    wanted = advice_wanted(user).filter(due_at__lte=timezone.now())
    return [advice(wanted), conditions(Finding.objects.overdue().filter(owner=user))]


def advice(wanted: QuerySet[Consultation]) -> QuerySet:
    return _branch(wanted, "advice", request=F("request_id"), who=F("duty"), due=F("due_at"))


def rework(user: User) -> QuerySet:
    asked = Request.objects.filter(requester=user, state=Request.State.REWORK)
    return _branch(asked, "rework", request=F("pk"), at=F("round_began_at"))


def escalated(user: User) -> QuerySet:
    """Overdue steps that went on to the person: `title` names the step, `person` is its key."""
    return _branch(
        escalation.asked_of(user),
        "escalated",
        request=F("request_id"),
        title=F("step__name"),
        person=F("step_id"),
        who=F("capacity"),
        at=F("escalated_at"),
    )


def conditions(found: QuerySet[Finding]) -> QuerySet:
    return _branch(
        found.order_by("due_on", "pk"),
        "condition",
        request=F("request_id"),
        text=F("text"),
        who=F("vote__user_name"),
        day=F("due_on"),
        at=F("vote__signed_at"),
    )


def reported(user: User) -> QuerySet:
    """Conditions the person set that are reported done."""
    found = Finding.objects.filter(vote__user=user, reported_at__isnull=False, closed_at=None)
    return _branch(
        found.order_by("reported_at"),
        "reported",
        request=F("request_id"),
        text=F("report"),
        at=F("reported_at"),
    )


def failed_jobs(which: Q) -> QuerySet:
    """By `person`, in the use case `who`, of the kind `url`."""
    return _branch(
        Job.objects.filter(which, state=Job.State.FAILED).order_by("-finished_at"),
        "job",
        title=F("subject_label"),
        text=F("reason"),
        who=F("model__governed__use_case__slug"),
        url=F("kind"),
        at=F("finished_at"),
        person=F("created_by_id"),
    )


def told(user: User) -> QuerySet:
    return _branch(
        unread(user),
        "told",
        title=F("title"),
        text=F("line"),
        who=F("capacity"),
        url=F("url"),
        letter=F("letter"),
        at=F("created_at"),
    )


def gaps(owned: Iterable[str]) -> QuerySet:
    """Roles that carry letters and that nobody holds."""
    roles = raci.unfilled_in(Matrix.objects.filter(scope__in=list(owned)))
    found = Role.objects.filter(pk__in=roles.values("pk")).order_by("matrix", "position")
    return _branch(
        found,
        "gap",
        title=F("title"),
        text=F("code"),
        who=F("matrix__title"),
        url=F("matrix__scope"),
    )


def to_validate_again(scopes: Collection[str]) -> QuerySet:
    """Clearances that end: of the version `person` of the model `title`, as `text`."""
    ending = Clearance.objects.to_validate_again().filter(request__scope__in=scopes)
    return _branch(
        ending.order_by("valid_until"),
        "revalidation",
        title=F("version__model__name"),
        person=F("version__number"),
        text=F("pointer"),
        who=F("request__scope"),
        at=F("ask_from"),
        due=F("valid_until"),
    )


def to_switch_off(scopes: Collection[str]) -> QuerySet:
    """Versions that are to retire and still serve, in the same columns."""
    return _branch(
        retired_but_serving().filter(scope__in=scopes).order_by("decided_at"),
        "retirement",
        title=F("version__model__name"),
        person=F("version__number"),
        text=F("pointer"),
        who=F("scope"),
        at=F("decided_at"),
    )


def _branch(rows: QuerySet, kind: str, **columns: F) -> QuerySet:
    """The first rows of one kind in the shape that all kinds share."""
    shaped = {
        f"a_{name}": Cast(columns.get(name, F("pk") if name == "key" else Value(None)), field)
        for name, field in COLUMNS.items()
    }
    named = rows.annotate(a_kind=Value(kind, TextField()), **shaped)
    return named.values_list("a_kind", *shaped)[:MOST]
