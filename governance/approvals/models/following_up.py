"""Who was reminded of what waits, and to whom what is overdue went on; written once, never changed."""

from django.conf import settings
from django.db import models

from governance.approvals.models.consultations import Consultation
from governance.approvals.models.findings import Finding
from governance.approvals.models.requests import Request
from governance.approvals.models.signatures import Step
from registry.append_only import append_only_triggers


class Reminder(models.Model):
    """One reminder of one thing: a step, advice, a condition or, with none of them, changes to hand in.

    `mark` is the point in time it is for, as in “half-way”; the unique constraints let it go out once.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="reminders")
    round = models.PositiveSmallIntegerField(default=1)
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="+")
    consultation = models.ForeignKey(
        Consultation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    finding = models.ForeignKey(Finding, null=True, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=60)
    told = models.JSONField(default=list)  # names, as they were
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "round", "mark"],
                condition=models.Q(step__isnull=False),
                name="reminded_of_step_once",
            ),
            models.UniqueConstraint(
                fields=["consultation", "mark"],
                condition=models.Q(consultation__isnull=False),
                name="reminded_of_advice_once",
            ),
            models.UniqueConstraint(
                fields=["finding", "mark"],
                condition=models.Q(finding__isnull=False),
                name="reminded_of_condition_once",
            ),
            models.UniqueConstraint(
                fields=["request", "round", "mark"],
                condition=models.Q(step=None, consultation=None, finding=None),
                name="reminded_of_changes_once",
            ),
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.mark}: {self.request}"


class Escalation(models.Model):
    """An overdue step went on to one person."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="escalations")
    round = models.PositiveSmallIntegerField()
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="escalations")
    level = models.PositiveSmallIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="escalations"
    )
    user_name = models.CharField(max_length=200)
    # Why them: “Accountable for Validate independently”.
    capacity = models.CharField(max_length=500)
    letter = models.CharField(max_length=3, blank=True)
    # Why they were told and not asked; empty for those who were asked to see to it.
    kept_apart = models.CharField(max_length=500, blank=True)
    escalated_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "round", "user"], name="escalated_to_each_once"
            )
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.step} to {self.user_name}"
