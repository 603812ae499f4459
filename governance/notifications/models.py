"""What people were told and whether the mail left; does not know why they are told."""

from django.conf import settings
from django.db import models


class NotificationQuerySet(models.QuerySet["Notification"]):
    def waiting_for_mail(self) -> "NotificationQuerySet":
        return self.filter(mailed_at=None, attempts__lt=Notification.MOST_ATTEMPTS)


class Notification(models.Model):
    """One person told one thing; the row is also the outgoing mail."""

    MOST_ATTEMPTS = 50

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
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_user"),
            models.Index(
                fields=["id"], name="notification_waiting", condition=models.Q(mailed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.title}"
