"""A policy's text tried on past evaluations, and what came of each; judging is blessing's."""

import uuid
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.urls import reverse

from governance.accounts.queries import reads_everything
from governance.blessing.models import Blessing
from governance.blessing.verdicts import Verdict
from governance.evaluation.models import Evaluation
from governance.jobs.models import Job
from governance.policies.models import PolicyVersion
from registry.append_only import append_only_triggers, frozen_triggers
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

# What was asked for; PostgreSQL refuses to change it afterwards.
ASKED = (
    "policy_name",
    "policy_version",
    "label",
    "text",
    "digest",
    "selection",
    "created_by",
    "created_at",
)


class BackTestQuerySet(models.QuerySet["BackTest"]):
    def visible_to(self, user: "User") -> "BackTestQuerySet":
        """Own ones; auditors and administrators see all. Counts tell of models others may not see."""
        return self if reads_everything(user) else self.filter(created_by=user)

    def finished(self) -> "BackTestQuerySet":
        return self.exclude(finished_at=None)


class BackTest(models.Model):
    """One text of a policy held against the past: which evaluations were asked for, and the counts.

    `selection` is that of selection.Selection; `counts` are those of tally.Counts, empty until it is finished.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy_name = models.CharField(max_length=80)
    policy_version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="back_tests"
    )
    label = models.CharField(max_length=120)
    text = models.TextField()
    digest = models.CharField(max_length=71)
    selection = models.JSONField()
    counts = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(default=list, blank=True)
    code_version = models.CharField(max_length=100, blank=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = BackTestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["digest", "-created_at"], name="back_test_of_text"),
            models.Index(fields=["created_by", "-created_at"], name="back_test_own"),
        ]
        triggers = [
            *frozen_triggers(*ASKED),
            pgtrigger.Protect(
                name="keep_result",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} on the past"

    def get_absolute_url(self) -> str:
        return reverse("web:back_test", args=[self.pk])

    @property
    def state(self) -> str:
        """How far the job is that does it."""
        return self.job.state

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


class Direction(models.TextChoices):
    BLOCKED = "blocked", "Would be blocked"
    WOULD_PASS = "would_pass", "Would pass"
    SAME = "same", "Same"
    NOT_JUDGED = "not_judged", "Not judged then"


class BackTestLineQuerySet(models.QuerySet["BackTestLine"]):
    def visible_to(self, user: "User") -> "BackTestLineQuerySet":
        """Lines of the back-tests one may see, about evaluations one may see now."""
        seen = Evaluation.objects.visible_to(user).values("pk")
        return self.filter(
            back_test__in=BackTest.objects.visible_to(user).values("pk"), evaluation__in=seen
        )


class BackTestLine(models.Model):
    """One past evaluation: its verdict then, by whatever policy, and by the text that was tried.

    `decides` marks the newest evaluation of its version; `rules` are the fields of
    lines.rule_json of each rule that was tried.
    """

    Direction = Direction

    back_test = models.ForeignKey(BackTest, on_delete=models.PROTECT, related_name="lines")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    blessing = models.ForeignKey(
        Blessing, null=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict_then = models.CharField(max_length=22, choices=Verdict, blank=True)
    verdict_now = models.CharField(max_length=22, choices=Verdict)
    sentence = models.TextField()
    rules = models.JSONField()
    differs = models.BooleanField()
    direction = models.CharField(max_length=10, choices=Direction)
    decides = models.BooleanField()
    is_serving = models.BooleanField()
    later_breached = models.BooleanField()
    breach_reason = models.TextField(blank=True)
    rank = models.PositiveSmallIntegerField()

    objects = BackTestLineQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["back_test", "evaluation"], name="back_test_line_once"
            )
        ]
        indexes = [models.Index(fields=["back_test", "rank", "id"], name="back_test_order")]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.version.label}: {self.get_direction_display()}"

    @property
    def deciding(self) -> list[dict]:
        """The rules because of which the verdict is not better."""
        return [one for one in self.rules if one["stands_in_the_way"]]
