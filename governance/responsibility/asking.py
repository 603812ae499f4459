"""Who must still be asked to accept their duties: once for each change, when a matrix has come to rest."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance.notifications.models import Notification
from governance.responsibility import mails
from raci.acceptance import Acceptance, acceptances
from raci.models import Holder, MatrixVersion

# Letters are often set one after the other; nobody is mailed for each.
RESTED = timedelta(minutes=10)


def ask_again() -> int:
    """Mails everybody who has not accepted what they hold now and was not asked for just that."""
    moved = _restless()
    asked = _asked()
    waiting = [
        one
        for one in acceptances()
        if not one.is_accepted
        and one.matrix.pk not in moved
        and (one.user.pk, str(one.matrix.pk), one.digest) not in asked
    ]
    for one in waiting:
        with transaction.atomic():
            mails.ask_to_accept(one)
    return len(waiting)


def changed_at(waiting: list[Acceptance]) -> dict[int, datetime]:
    """When letters or people of each matrix changed last, by the matrix's key."""
    matrices = [one.matrix.pk for one in waiting]
    letters = MatrixVersion.objects.filter(matrix__in=matrices).order_by()
    people = Holder.objects.filter(role__matrix__in=matrices).order_by()
    moments = letters.values_list("matrix").annotate(Max("at"))
    latest: dict[int, datetime] = {}
    both = moments.union(people.values_list("role__matrix").annotate(Max("assigned_at")))
    for matrix, moment in both:
        latest[matrix] = max(moment, latest.get(matrix, moment))
    return latest


def _restless() -> set[int]:
    since = timezone.now() - RESTED
    letters = MatrixVersion.objects.filter(at__gt=since).values_list("matrix", flat=True)
    people = Holder.objects.filter(assigned_at__gt=since).values_list("role__matrix", flat=True)
    return {*letters, *people}


def _asked() -> set[tuple[int, str, str]]:
    told = Notification.objects.filter(kind=mails.TO_ACCEPT)
    return set(told.values_list("user_id", "subject_id", "context__digest"))
