"""What people were told, whether the mail left, and how each wants it; not why they are told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.notifications.chat.models import Channel, Message
from governance.notifications.kinds import Delivery, Group, group_of

__all__ = [
    "Channel",
    "MailState",
    "Message",
    "Notification",
    "NotificationQuerySet",
    "Preferences",
]


class MailState(models.TextChoices):
    """How far the mail of a notification has come."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    NONE = "none", "Not mailed"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def waiting(self) -> "NotificationQuerySet":
        return self.filter(mail_state=MailState.WAITING)

    def due(self) -> "NotificationQuerySet":
        """Those whose mail should leave or be looked at now."""
        return self.waiting().filter(Q(next_try_at=None) | Q(next_try_at__lte=timezone.now()))

    def failed(self) -> "NotificationQuerySet":
        return self.filter(mail_state=MailState.FAILED)

    def troubled(self) -> "NotificationQuerySet":
        """Those that failed, and those that wait because an attempt failed."""
        return self.filter(
            Q(mail_state=MailState.FAILED) | Q(mail_state=MailState.WAITING) & ~Q(last_error="")
        )


class Notification(models.Model):
    """One person told one thing; the row is also the outgoing mail."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications"
    )
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    line = models.TextField()
    url = models.CharField(max_length=300)
    context = models.JSONField(default=dict)
    # By which letter of the matrix, for what and in which role; empty where no duty brings them.
    letter = models.CharField(max_length=3, blank=True)
    capacity = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    # What was asked is done, or can no longer be done.
    settled_at = models.DateTimeField(null=True)

    mail_state = models.CharField(max_length=7, choices=MailState, default=MailState.WAITING)
    for_digest = models.BooleanField(default=False)
    # Empty is now. While a worker sends, it is when another may take over from one that died.
    next_try_at = models.DateTimeField(null=True)
    first_tried_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mail_state__in=MailState.values), name="mail_state_known"
            )
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_user"),
            models.Index(
                fields=["next_try_at", "id"],
                name="notification_waiting",
                condition=Q(mail_state=MailState.WAITING),
            ),
            models.Index(fields=["subject_type", "subject_id"], name="notification_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.title}"

    @property
    def group(self) -> Group:
        return group_of(self.kind)


class Preferences(models.Model):
    """How a person wants mail; who has chosen nothing gets everything at once, at any hour."""

    DIGEST_HOUR = 8

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_preferences"
    )
    deliveries = models.JSONField(default=dict)  # of a group; what is absent comes at once
    digest_hour = models.PositiveSmallIntegerField(default=DIGEST_HOUR)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="digest_hour_of_day"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"mail of {self.user}"

    def delivery_of(self, group: Group) -> Delivery:
        return Delivery(self.deliveries.get(group, Delivery.AT_ONCE))
