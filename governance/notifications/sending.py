"""Sends what waits: each mail by one worker at a time, when its reader wants it, again after trouble.

A worker takes a mail by moving its next attempt into the future, so no row stays locked while a mail
server is slow, and a mail whose worker was killed is taken by another after LEASE.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.notifications import failures, letters
from governance.notifications.models import MailState, Notification, Preferences
from governance.notifications.routing import Drop, Hold, route

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=10)
MOST_AT_ONCE = 500
MOST_IN_DIGEST = 100


class ServerTrouble(Exception):
    """The mail server takes nothing now; the rest waits for the next beat."""


class Post:
    """One connection to the mail server for many letters, opened with the first."""

    def __init__(self) -> None:
        self._connection = get_connection()

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._connection.close()

    def send(self, message: EmailMultiAlternatives) -> None:
        try:
            self._connection.open()
            self._connection.send_messages([message])
        except Exception:
            self.__exit__()  # in an unknown state: the next letter opens another
            raise


def send_waiting(limit: int = MOST_AT_ONCE) -> int:
    """Mails what is due, each exactly once; returns how many left."""
    sent = 0
    due = Notification.objects.due().filter(for_digest=False).order_by("id")
    with Post() as post, suppress(ServerTrouble):
        for pk in due.values_list("pk", flat=True)[:limit]:
            sent += _send_one(pk, post)
    return sent


def send_digests() -> int:
    """Sends everybody whose hour has come, or was slept through, one mail of all that waits for it."""
    sent = 0
    readers = Notification.objects.due().filter(for_digest=True).order_by()
    with Post() as post, suppress(ServerTrouble):
        for user in readers.values_list("user", flat=True).distinct():
            sent += _send_digest(user, post)
    return sent


def _send_one(pk: int, post: Post) -> int:
    row = Notification.objects.select_related("user__mail_preferences").get(pk=pk)
    match route(row, timezone.now()):
        case Hold(until, for_digest):
            _unchanged(row).update(next_try_at=until, for_digest=for_digest)
        case Drop(reason):
            _unchanged(row).update(mail_state=MailState.NONE, last_error=reason)
        case None if _take([row.pk]):
            return _post([row], post, as_digest=False)
    return 0


def _send_digest(user: int, post: Post) -> int:
    rows = _take_digest(user)
    return _post(rows, post, as_digest=True) if rows else 0


def _take_digest(user: int) -> list[Notification]:
    """Takes all that is due for one person's digest; their row of preferences is the lock."""
    with transaction.atomic():
        locked = Preferences.objects.select_for_update(skip_locked=True, of=["self"])
        if not locked.filter(user=user).exists():
            return []
        rows = list(
            Notification.objects.due()
            .filter(user=user, for_digest=True)
            .select_related("user__mail_preferences")
            .order_by("id")[:MOST_IN_DIGEST]
        )
        leaving = []
        for row in rows:
            match route(row, timezone.now()):
                case Hold(until, for_digest) if until > timezone.now():
                    _unchanged(row).update(next_try_at=until, for_digest=for_digest)
                case Drop(reason):
                    _unchanged(row).update(mail_state=MailState.NONE, last_error=reason)
                case _:
                    leaving.append(row)
        _take([row.pk for row in leaving])
    return leaving


def _unchanged(row: Notification) -> object:
    """The row, if nobody has taken it since it was read."""
    return Notification.objects.waiting().filter(pk=row.pk, attempts=row.attempts)


def _take(keys: Sequence[int]) -> int:
    """Makes the mails this worker's own for a while; gives how many nobody had taken before."""
    now = timezone.now()
    return (
        Notification.objects.due()
        .filter(pk__in=keys)
        .update(
            attempts=F("attempts") + 1,
            next_try_at=now + LEASE,
            first_tried_at=Coalesce("first_tried_at", now),
        )
    )


def _post(rows: Sequence[Notification], post: Post, *, as_digest: bool) -> int:
    taken = Notification.objects.filter(pk__in=[row.pk for row in rows])
    try:
        post.send(letters.digest(rows) if as_digest else letters.letter(rows[0]))
    except Exception as error:
        _note_failure(rows, failures.failure_of(error), error)
        return 0
    taken.update(
        mail_state=MailState.SENT, mailed_at=timezone.now(), next_try_at=None, last_error=""
    )
    return 1


def _note_failure(
    rows: Sequence[Notification], failure: failures.Failure, error: Exception
) -> None:
    log.warning(
        "mail not sent",
        notifications=[row.pk for row in rows],
        error=type(error).__name__,
        is_permanent=failure.is_permanent,
        exc_info=error if failure.is_permanent and not isinstance(error, OSError) else None,
    )
    now = timezone.now()
    for row in Notification.objects.filter(pk__in=[row.pk for row in rows]):
        over = failure.is_permanent or failures.is_given_up(row.first_tried_at, now)
        Notification.objects.filter(pk=row.pk).update(
            mail_state=MailState.FAILED if over else MailState.WAITING,
            next_try_at=None if over else now + failures.next_wait(row.attempts),
            last_error=failure.reason,
        )
    if failure.is_of_server:
        raise ServerTrouble
