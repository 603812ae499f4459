"""Frozen judgements of versions by policy versions; how one is reached is judge.py."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from governance.blessing.frozen import judge_inputs, thaw
from governance.blessing.verdicts import EXCUSABLE, SUFFICIENT, Outcome, Verdict
from governance.blessing.ways_forward import Threshold, Way, ways_forward
from governance.evaluation.models import Curve, Evaluation
from governance.policies.models import PolicyVersion
from governance.policies.rules import Severity
from registry.append_only import append_only_triggers
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User


class BlessingQuerySet(models.QuerySet["Blessing"]):
    def visible_to(self, user: "User") -> "BlessingQuerySet":
        """Blessings of the versions one may see."""
        return self.filter(version__in=ModelVersion.objects.visible_to(user).values("pk"))

    def sufficient(self) -> "BlessingQuerySet":
        """Those on which an approval may be asked for."""
        return self.filter(verdict__in=SUFFICIENT)


class Blessing(models.Model):
    """One verdict, with everything it rests on in `frozen`; a new look is a new blessing."""

    Verdict = Verdict

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="blessings"
    )
    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, related_name="blessings"
    )
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="blessings"
    )
    verdict = models.CharField(max_length=22, choices=Verdict)
    sentence = models.TextField()
    baseline_version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    baseline_evaluation = models.ForeignKey(
        Evaluation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    comparison = models.JSONField(default=list)
    frozen = models.JSONField()
    digest = models.CharField(max_length=71)
    code_version = models.CharField(max_length=100)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlessingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["version", "-id"], name="blessing_of_version"),
            models.Index(fields=["digest"], name="blessing_digest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values), name="verdict_known"
            )
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.version.label}: {self.get_verdict_display()}"

    def get_absolute_url(self) -> str:
        """A verdict is read on the page of its version, among the evidence."""
        return f"{self.version.get_absolute_url()}#verdict"

    @property
    def is_sufficient(self) -> bool:
        return self.verdict in SUFFICIENT

    @property
    def ways_forward(self) -> list[Way]:
        """What would be enough for each rule in the way, as today's judge sees the frozen evidence."""
        if self.is_sufficient:
            return []
        return ways_forward(judge_inputs(thaw(self.frozen)), self._cheapest_threshold())

    def _cheapest_threshold(self) -> Threshold | None:
        best = self.evaluation.curves.filter(kind=Curve.Kind.BEST, slice="").first()
        point = best.points[0] if best else {}
        if point.get("threshold") is None:
            return None
        return Threshold(point["threshold"], point["cost"])


class RuleResult(models.Model):
    """What one rule said, by its deciding group; every group is in `parts`."""

    Outcome = Outcome

    blessing = models.ForeignKey(Blessing, on_delete=models.PROTECT, related_name="results")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    text = models.CharField(max_length=500)
    severity = models.CharField(max_length=4, choices=[(s.value, s.value) for s in Severity])
    outcome = models.CharField(max_length=11, choices=Outcome)
    sentence = models.TextField()
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.BigIntegerField(null=True)
    positives = models.BigIntegerField(null=True)
    bound = models.FloatField(null=True)
    slice = models.CharField(max_length=500, blank=True)
    parts = models.JSONField(default=list)
    exception = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["blessing", "position"]
        constraints = [
            models.UniqueConstraint(fields=["blessing", "position"], name="rule_result_once")
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return self.sentence

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the rule keeps the version from being blessed; an exception may be asked for."""
        return self.severity == Severity.MUST and self.outcome in EXCUSABLE

    @property
    def excepted_until(self) -> date | None:
        """The last day of the exception that covers the rule; it stays red all the same."""
        return date.fromisoformat(self.exception["until"]) if self.exception else None

    @property
    def is_warning(self) -> bool:
        """Whether the verdict carries this as a warning."""
        return self.severity == Severity.WARN and self.outcome not in (
            Outcome.PASS,
            Outcome.NO_BASELINE,
        )
