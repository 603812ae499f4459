"""Advice asked for and given."""

from datetime import datetime
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models

from governance.approvals.models.requests import Request
from governance.approvals.transitions import State
from registry.append_only import frozen_triggers

if TYPE_CHECKING:
    from governance.accounts.models import User


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def visible_to(self, user: "User") -> "ConsultationQuerySet":
        return self.filter(request__in=Request.objects.visible_to(user).values("pk"))

    def unanswered(self) -> "ConsultationQuerySet":
        return self.filter(answered_at=None, request__state=State.OPEN)

    def overdue(self, now: datetime) -> "ConsultationQuerySet":
        """Open, past the due date, and their silence not noted yet."""
        return self.unanswered().filter(due_at__lte=now, silent_at=None)


class Consultation(models.Model):
    """Somebody asked for advice, which informs and does not bind; given once."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="consultations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    duty = models.CharField(max_length=300)
    letter = models.CharField(max_length=1, default="C")
    role = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(null=True)
    advice = models.TextField(max_length=5000, blank=True)
    answered_at = models.DateTimeField(null=True)
    # When it was noted that the due date had passed without advice; never a consent.
    silent_at = models.DateTimeField(null=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="asked_for_advice_once")
        ]
        triggers = [
            *frozen_triggers("request", "user", "duty", "letter", "role", "due_at"),
            pgtrigger.Protect(
                name="keep_advice",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__answered_at__isnull=False),
            ),
            pgtrigger.Protect(
                name="keep_silence",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__silent_at__isnull=False,
                    old__silent_at__df=pgtrigger.F("new__silent_at"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Advice of {self.user} on {self.request}"

    @property
    def is_late(self) -> bool:
        """Whether the advice came after its due date."""
        return bool(self.answered_at and self.due_at and self.answered_at > self.due_at)
