"""The conditions of approvals."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone

from governance.approvals.models.requests import Request
from governance.approvals.models.signatures import Vote
from registry.append_only import frozen_triggers

if TYPE_CHECKING:
    from governance.accounts.models import User


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: "User") -> "FindingQuerySet":
        return self.filter(request__in=Request.objects.visible_to(user).values("pk"))

    def unreported(self) -> "FindingQuerySet":
        return self.filter(reported_at=None, closed_at=None)

    def overdue(self) -> "FindingQuerySet":
        """Due before today, and its owner has not reported it done."""
        return self.unreported().filter(due_on__lt=timezone.localdate())


class Finding(models.Model):
    """A condition of an approval: what must be done, by whom, until when.

    Its owner reports it done; who set it closes it or opens it again.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="findings")
    vote = models.ForeignKey(Vote, on_delete=models.PROTECT, related_name="findings")
    text = models.TextField(max_length=1000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="findings"
    )
    owner_name = models.CharField(max_length=200)
    due_on = models.DateField()
    report = models.TextField(max_length=5000, blank=True)
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        triggers = [
            *frozen_triggers("request", "vote", "text", "owner", "owner_name", "due_on"),
            pgtrigger.Protect(
                name="keep_closed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def ends_at(self) -> datetime:
        """The midnight after its last day, in the server's time zone."""
        return timezone.make_aware(datetime.combine(self.due_on + timedelta(days=1), time.min))

    @property
    def state(self) -> str:
        if self.closed_at:
            return "done"
        if self.reported_at:
            return "reported"
        return "overdue" if self.due_on < timezone.localdate() else "todo"
