"""Infra checks of versions and what they found; not what the numbers mean for the business."""

import uuid
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.urls import reverse

from governance.jobs.models import Job
from registry.append_only import append_only_triggers, frozen_triggers
from registry.models import ModelVersion, RegisteredModel

if TYPE_CHECKING:
    from governance.accounts.models import User


class InfraCheckQuerySet(models.QuerySet["InfraCheck"]):
    def visible_to(self, user: "User") -> "InfraCheckQuerySet":
        """Checks of the versions one may see."""
        seen = RegisteredModel.objects.visible_to(user).values("pk")
        return self.filter(version__model__in=seen, version__deleted_at=None)

    def finished(self) -> "InfraCheckQuerySet":
        return self.exclude(finished_at=None)


# What was asked for; PostgreSQL refuses to change it afterwards.
ASKED = (
    "version",
    "artifact",
    "rows",
    "golden",
    "expected",
    "seconds",
    "memory_mb",
    "p95_ms",
    "lowest",
    "highest",
    "range_output",
    "same_within",
    "golden_within",
    "created_by",
    "created_at",
)


class InfraCheck(models.Model):
    """One trial of a version's artifact: what was asked, under which limits, and how it ended.

    `artifact`, `rows` and `golden` are files as `{kind, source, stored, digest}`, empty when none
    was given; `expected` leads from columns of the golden rows to outputs of the model.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        NOT_POSSIBLE = "not_possible", "Not possible"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="infra_checks"
    )
    artifact = models.JSONField()
    rows = models.JSONField(default=dict, blank=True)
    golden = models.JSONField(default=dict, blank=True)
    expected = models.JSONField(default=dict, blank=True)
    seconds = models.PositiveIntegerField()
    memory_mb = models.PositiveIntegerField()
    p95_ms = models.FloatField(null=True, blank=True)
    lowest = models.FloatField(null=True, blank=True)
    highest = models.FloatField(null=True, blank=True)
    range_output = models.CharField(max_length=200, blank=True)
    same_within = models.FloatField(default=0.0)
    golden_within = models.FloatField(default=1e-6)

    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    reason = models.TextField(blank=True)
    artifact_digest = models.CharField(max_length=71, blank=True)
    isolation = models.JSONField(default=list)
    ran_with = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = InfraCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["version", "-created_at"], name="infra_of_version")]
        triggers = [
            *frozen_triggers(*ASKED),
            pgtrigger.Protect(
                name="keep_result",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.version.label

    def get_absolute_url(self) -> str:
        return reverse("web:infra_check", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_over(self) -> bool:
        return self.state not in (self.State.REQUESTED, self.State.RUNNING)


class InfraFinding(models.Model):
    """One check of a trial: what came out, in a sentence and, where there is one, a figure beside its limit."""

    class Outcome(models.TextChoices):
        PASS = "pass", "Pass"
        FAIL = "fail", "Fail"
        SKIPPED = "skipped", "Skipped"
        UNDEFINED = "undefined", "Undefined"

    check_made = models.ForeignKey(
        InfraCheck, on_delete=models.PROTECT, related_name="findings"
    )
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=30)
    title = models.CharField(max_length=100)
    outcome = models.CharField(max_length=9, choices=Outcome)
    sentence = models.TextField()
    value = models.FloatField(null=True)
    limit = models.FloatField(null=True)
    unit = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["check_made", "position"]
        constraints = [
            models.UniqueConstraint(fields=["check_made", "key"], name="infra_finding_once")
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.title}: {self.outcome}"
