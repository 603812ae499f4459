"""Tells people: a row each in the caller's transaction, the mail after it is committed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from functools import partial

from django.db import models, transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.accounts.services import set_time_zone
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotFound
from governance.jobs.sending import send_now
from governance.notifications.addressing import Addressee, each_once
from governance.notifications.chat import services as chat
from governance.notifications.hours import is_quiet_at
from governance.notifications.kinds import ASKING, Group, deliveries_of
from governance.notifications.models import MailState, Notification, Preferences
from governance.notifications.queries import preferences_of
from governance.notifications.sending import send_digests, send_waiting

__all__ = ["send_again", "send_digests", "send_waiting", "set_preferences", "settle", "tell"]

SEND = "governance.notifications.tasks.send_waiting"
SETTLED = "It was done, or over, before it was mailed."
NOTHING = object()
LONGEST_CAPACITY = 500


def tell(
    users: Iterable[User | Addressee],
    kind: str,
    *,
    subject: models.Model,
    title: str,
    line: str,
    url: str,
    context: dict | None = None,
    due: datetime | None = None,
) -> list[Notification]:
    """Writes one notification a person; `kind` names the mail templates `mail/<kind>.txt|.html`.

    Who is told by a letter of the matrix is given as an addressee: letter, duty and role stay with it.
    With `due` the mail says by when, in the reader's zone, and brings an entry for their calendar.
    """
    rows = Notification.objects.bulk_create(
        [
            Notification(
                user=one.user,
                letter=one.letter,
                capacity=one.capacity[:LONGEST_CAPACITY],
                kind=kind,
                subject_type=subject._meta.label_lower,
                subject_id=str(subject.pk),
                title=title[:200],
                line=line,
                url=url,
                context={**(context or {}), **_why(one)},
                due_at=due,
            )
            for one in each_once(users)
        ]
    )
    if rows:
        chat.queue(rows)
        transaction.on_commit(partial(send_now, SEND))
    return rows


def _why(told: Addressee) -> dict[str, str]:
    return {"why": f"You are {told.capacity}."} if told.capacity else {}


def settle(
    subject: models.Model,
    *,
    user: User | None = None,
    kinds: Sequence[str] = tuple(ASKING),
    context: dict | None = None,
) -> None:
    """Notes that what was asked about the subject is done or over, of one person or of all.

    Mail that still waits to ask for it does not leave, and links in mail that has left are used up.
    With `context` it holds only for what was told with these facts. Call it in the transaction of the act.
    """
    asked = Notification.objects.filter(
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        kind__in=kinds,
        settled_at=None,
    )
    if user:
        asked = asked.filter(user=user)
    if context:
        asked = asked.filter(context__contains=context)
    now = timezone.now()
    asked.waiting().update(settled_at=now, mail_state=MailState.NONE, last_error=SETTLED)
    asked.update(settled_at=now)


def set_preferences(
    user: User,
    *,
    actor: User,
    deliveries: Mapping[str, str] | None = None,
    digest_hour: int | None = None,
    quiet_from: time | object | None = NOTHING,
    quiet_until: time | object | None = NOTHING,
    time_zone: str | None = None,
) -> Preferences:
    """Changes how a person wants mail, of themself only; what is not named stays as it is."""
    if actor.pk != user.pk:
        raise NotFound("How mail is wanted is everybody's own affair.")
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        wanted = preferences_of(user)
        wanted.deliveries = {**wanted.deliveries, **_checked(deliveries or {})}
        if digest_hour is not None:
            wanted.digest_hour = digest_hour
        if quiet_from is not NOTHING:
            wanted.quiet_from = quiet_from
        if quiet_until is not NOTHING:
            wanted.quiet_until = quiet_until
        _check_hours(wanted)
        if time_zone is not None:
            set_time_zone(user, time_zone)
        wanted.save()
        _route_again(user)
        audit.record(Event.MAIL_PREFERENCES_SET, user, actor=actor, **_told(wanted, user))
    return wanted


def send_again(row: Notification, *, actor: User) -> Notification:
    """Queues a mail that was given up, by who should have got it or an administrator."""
    if row.user_id != actor.pk and not is_administrator(actor):
        raise NotFound("There is no such mail.")
    with transaction.atomic(durable=True):
        row = Notification.objects.select_for_update(of=["self"]).get(pk=row.pk)
        if row.mail_state != MailState.FAILED:
            raise Conflict(
                f"Only mail that failed is sent again; this is {row.get_mail_state_display().lower()}."
            )
        Notification.objects.filter(pk=row.pk).update(
            mail_state=MailState.WAITING,
            for_digest=False,
            attempts=0,
            first_tried_at=None,
            next_try_at=None,
            last_error="",
        )
        audit.record(Event.MAIL_RESENT, row, actor=actor, reason=row.last_error)
        transaction.on_commit(partial(send_now, SEND))
    row.refresh_from_db()
    return row


def _checked(deliveries: Mapping[str, str]) -> dict[str, str]:
    for name, delivery in deliveries.items():
        if name not in Group.values:
            raise Invalid(
                f"Groups are {', '.join(Group.values)}; not {name}.", field="deliveries"
            )
        allowed = deliveries_of(Group(name))
        if delivery not in allowed:
            raise Invalid(
                f"{Group(name).label} comes {' or '.join(allowed)}; not {delivery}.", field=name
            )
    return dict(deliveries)


def _check_hours(wanted: Preferences) -> None:
    if not 0 <= wanted.digest_hour <= 23:
        raise Invalid("An hour is a number from 0 to 23.", field="digest_hour")
    if (wanted.quiet_from is None) != (wanted.quiet_until is None):
        missing = "quiet_from" if wanted.quiet_from is None else "quiet_until"
        raise Invalid("Quiet hours need a beginning and an end.", field=missing)
    if wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_until:
        raise Invalid("Quiet hours end at another time than they begin.", field="quiet_until")
    if is_quiet_at(time(wanted.digest_hour), wanted.quiet_from, wanted.quiet_until):
        raise Invalid("The daily mail would come in your quiet hours.", field="digest_hour")


def _route_again(user: User) -> None:
    """Lets what waits, and no worker has tried, be looked at under the new preferences."""
    held = Notification.objects.waiting().filter(user=user, attempts=0)
    held.update(next_try_at=None, for_digest=False)
    transaction.on_commit(partial(send_now, SEND))


def _told(wanted: Preferences, user: User) -> dict[str, object]:
    return {
        "deliveries": wanted.deliveries,
        "digest_hour": wanted.digest_hour,
        "quiet_from": wanted.quiet_from,
        "quiet_until": wanted.quiet_until,
        "time_zone": user.time_zone,
    }
