"""Sends what waits for chats: each message by one worker at a time, again after trouble, for five days.

A worker takes a message by moving its next attempt into the future; one whose worker was killed is
taken by another after LEASE. A channel in trouble waits as a whole, and holds up no other.
"""

from datetime import timedelta

import structlog
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.notifications import failures
from governance.notifications.chat import texts, transport
from governance.notifications.chat.models import Message
from governance.notifications.hours import quiet_until
from governance.notifications.models import Notification
from governance.notifications.routing import preferences_of

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=10)
MOST_AT_ONCE = 200
OVER = "It was done, or over, before it was sent."
REMOVED = "The channel was removed."
CLOSED = "The account is closed."


def send_waiting(limit: int = MOST_AT_ONCE) -> int:
    """Sends what is due, each once; returns how many left."""
    sent, in_trouble = 0, set()
    for pk in Message.objects.due().order_by("id").values_list("pk", flat=True)[:limit]:
        row = Message.objects.select_related(
            "channel__user", "notification__user__mail_preferences"
        ).get(pk=pk)
        if row.channel_id in in_trouble or _is_kept_back(row) or not _take(row):
            continue
        try:
            channel, told = row.channel, row.notification
            transport.send(
                channel.scheme, channel.address, title=texts.title(told), text=texts.text(told)
            )
        except Exception as error:
            if _note_failure(row, error).is_of_server:
                in_trouble.add(row.channel_id)
        else:
            sent += 1
            _set(row, state=Message.State.SENT, sent_at=timezone.now(), next_try_at=None)
    return sent


def _is_kept_back(row: Message) -> bool:
    """Drops what nobody has to hear any more, and lets wait what comes in somebody's quiet hours."""
    if reason := _no_longer(row):
        unchanged = Message.objects.waiting().filter(pk=row.pk, attempts=row.attempts)
        unchanged.update(state=Message.State.NONE, last_error=reason)
        return True
    if row.channel.user is None:
        return False
    wanted, now = preferences_of(row.notification), timezone.now()
    until = quiet_until(now, wanted.quiet_from, wanted.quiet_until, row.channel.user.zone)
    if until:
        Message.objects.waiting().filter(pk=row.pk).update(next_try_at=until)
    return until is not None


def _no_longer(row: Message) -> str:
    if row.channel.removed_at:
        return REMOVED
    if row.channel.user and not row.channel.user.is_active:
        return CLOSED
    told = row.notification
    if not told.settled_at:
        return ""
    if row.channel.user:
        return OVER
    still_asked = Notification.objects.filter(
        subject_type=told.subject_type,
        subject_id=told.subject_id,
        kind=told.kind,
        settled_at=None,
    )
    return "" if still_asked.exists() else OVER


def _take(row: Message) -> bool:
    now = timezone.now()
    taken = (
        Message.objects.due()
        .filter(pk=row.pk)
        .update(
            attempts=F("attempts") + 1,
            next_try_at=now + LEASE,
            first_tried_at=Coalesce("first_tried_at", now),
        )
    )
    return bool(taken)


def _note_failure(row: Message, error: Exception) -> failures.Failure:
    failure = _failure_of(error)
    log.warning(
        "chat message not sent",
        message=row.pk,
        channel=row.channel_id,
        error=type(error).__name__,
        is_permanent=failure.is_permanent,
    )
    row.refresh_from_db(fields=["attempts", "first_tried_at"])
    now = timezone.now()
    over = failure.is_permanent or failures.is_given_up(row.first_tried_at, now)
    next_try_at = None if over else now + failures.next_wait(row.attempts)
    _set(
        row,
        state=Message.State.FAILED if over else Message.State.WAITING,
        next_try_at=next_try_at,
        last_error=failure.reason,
    )
    if failure.is_of_server and next_try_at:
        rest = Message.objects.due().filter(channel=row.channel_id)
        rest.update(next_try_at=next_try_at)
    return failure


def _failure_of(error: Exception) -> failures.Failure:
    if isinstance(error, transport.Trouble):
        return error.failure
    # Its words might hold the address.
    return failures.Failure(
        f"The message could not be written: {type(error).__name__}.", is_permanent=True
    )


def _set(row: Message, **facts: object) -> None:
    Message.objects.filter(pk=row.pk).update(**{"last_error": "", **facts})
