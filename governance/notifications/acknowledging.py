"""Taking note of what one was told: it leaves the list, and stays on record where a letter brought it."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Invalid
from governance.notifications.kinds import ASKING
from governance.notifications.models import Notification

MOST = 200


def unread(user: User) -> QuerySet[Notification]:
    """What the person was told and has not taken note of, newest first.

    What still asks for an act is not among it: it ends with the act and not by reading.
    """
    told = Q(settled_at__isnull=False) | ~Q(kind__in=ASKING)
    return Notification.objects.filter(told, user=user, read_at=None)


def acknowledge(keys: Iterable[int], *, actor: User) -> int:
    """Takes note of one's own notifications and returns of how many; others' keys count for nothing.

    Who is told by a letter of a matrix acknowledges on record, once for all that are ticked.
    """
    keys = list(keys)
    if not keys:
        raise Invalid("Tick what you have read.", field="told")
    if len(keys) > MOST:
        raise Invalid(f"At most {MOST} at once.", field="told")
    with transaction.atomic(durable=True):
        rows = list(unread(actor).filter(pk__in=keys).select_for_update().order_by("pk"))
        found = Notification.objects.filter(pk__in=[one.pk for one in rows])
        found.update(read_at=timezone.now())
        informed = [one for one in rows if one.letter]
        if informed:
            audit.record(
                Event.TOLD_ACKNOWLEDGED,
                actor,
                actor=actor,
                told=[
                    {"notification": one.pk, "title": one.title, "capacity": one.capacity}
                    for one in informed
                ],
            )
    return len(rows)
