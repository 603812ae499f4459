"""What is asked about mail: how a person wants it, and what did not reach people."""

from django.db.models import Q, QuerySet

from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.notifications.models import Notification, Preferences


def preferences_of(user: User) -> Preferences:
    """How the person wants mail; not yet stored for who has chosen nothing."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def troubled_for(reader: User) -> QuerySet[Notification]:
    """Mail that failed or is being tried again: one's own, an administrator's all; newest first."""
    found = Notification.objects.troubled().select_related("user").order_by("-id")
    return found if is_administrator(reader) else found.filter(user=reader)


def readable_by(reader: User) -> QuerySet[Notification]:
    """What the person was told; to administrators also what others' mail has trouble with."""
    whose = Q(user=reader)
    if is_administrator(reader):
        whose |= Q(pk__in=Notification.objects.troubled().values("pk"))
    return Notification.objects.filter(whose).select_related("user").order_by("-id")


def failed_to(user: User) -> QuerySet[Notification]:
    """One's own mail that was given up."""
    return Notification.objects.failed().filter(user=user).order_by("-id")
