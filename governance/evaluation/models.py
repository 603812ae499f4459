"""Evaluations of versions, and the measurements and curves they left; judges none of them."""

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


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, user: "User") -> "EvaluationQuerySet":
        """Evaluations of the versions one may see."""
        seen = RegisteredModel.objects.visible_to(user).values("pk")
        return self.filter(version__model__in=seen, version__deleted_at=None)

    def finished(self) -> "EvaluationQuerySet":
        return self.filter(state=Evaluation.State.FINISHED)


# What was asked for; PostgreSQL refuses to change it afterwards.
ASKED = (
    "version",
    "task",
    "parameters",
    "dataset_name",
    "dataset_version",
    "period_start",
    "period_end",
    "source_kind",
    "source",
    "artifact",
    "columns",
    "threshold",
    "costs",
    "favourable",
    "created_by",
    "created_at",
)


class Evaluation(models.Model):
    """One run over one data set for one version: what was asked, and how it ended."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        MEASURING = "measuring", "Measuring"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"

    class Task(models.TextChoices):
        BINARY = "binary", "Yes or no"
        MULTICLASS = "multiclass", "One class of several"
        MULTILABEL = "multilabel", "Any number of labels"
        REGRESSION = "regression", "A number"
        RANKING = "ranking", "A ranked list"
        REPORTED = "reported", "Measured elsewhere, reported by the pipeline"

    class Source(models.TextChoices):
        UPLOAD = "upload", "Uploaded file"
        PATH = "path", "File on the server"
        URL = "url", "Web address"
        OBJECT = "object", "Object in a store"
        TABLE = "table", "Table of a warehouse"
        REPORT = "report", "Reported figures"

    class Favourable(models.TextChoices):
        NEGATIVE = "negative", "The negative decision (score under the threshold)"
        POSITIVE = "positive", "The positive decision (score at or over the threshold)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="evaluations"
    )
    task = models.CharField(max_length=10, choices=Task, default=Task.BINARY)
    parameters = models.JSONField(default=dict, blank=True)
    dataset_name = models.CharField(max_length=200)
    dataset_version = models.CharField(max_length=100, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    source_kind = models.CharField(max_length=6, choices=Source)
    source = models.CharField(max_length=2000)
    artifact = models.CharField(max_length=500, blank=True)
    columns = models.JSONField()
    threshold = models.FloatField(default=0.5)
    costs = models.JSONField(default=dict, blank=True)
    favourable = models.CharField(max_length=8, choices=Favourable, default=Favourable.NEGATIVE)

    state = models.CharField(max_length=9, choices=State, default=State.REQUESTED)
    reason = models.TextField(blank=True)
    data_digest = models.CharField(max_length=71, blank=True)
    rows_digest = models.CharField(max_length=80, blank=True)
    rows = models.BigIntegerField(null=True)
    positives = models.BigIntegerField(null=True)
    ranking = models.CharField(max_length=40, blank=True)
    code_version = models.CharField(max_length=100, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["version", "-created_at"], name="evaluation_of_version"),
            models.Index(fields=["rows_digest"], name="evaluation_same_rows"),
        ]
        triggers = [
            *frozen_triggers(*ASKED),
            pgtrigger.Protect(
                name="keep_result",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="finished"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version.label} on {self.dataset}"

    def get_absolute_url(self) -> str:
        return reverse("web:evaluation", args=[self.pk])

    @property
    def dataset(self) -> str:
        """The data set as people say it: “hold-out 2024-06”."""
        return f"{self.dataset_name} {self.dataset_version}".strip()

    @property
    def is_finished(self) -> bool:
        return self.state == self.State.FINISHED

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.FINISHED, self.State.FAILED)

    @property
    def is_reported(self) -> bool:
        """Whether the figures were measured elsewhere: this server never saw a row."""
        return self.task == self.Task.REPORTED

    @property
    def has_threshold(self) -> bool:
        """Whether decisions were taken at a threshold on a score."""
        return self.task in (self.Task.BINARY, self.Task.MULTILABEL)


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def overall(self) -> "MeasurementQuerySet":
        return self.filter(slice_field="")

    def visible_to(self, user: "User") -> "MeasurementQuerySet":
        return self.filter(evaluation__in=Evaluation.objects.visible_to(user).values("pk"))


class Measurement(models.Model):
    """One value of one metric on one slice, with its rows, interval and method.

    No value means that there is none to show; `method` says why (“hidden”: under ten rows, and
    then positives are not told either).
    """

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, related_name="measurements"
    )
    metric = models.CharField(max_length=60)
    slice_field = models.CharField(max_length=200, blank=True)
    slice_value = models.CharField(max_length=200, blank=True)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    method = models.CharField(max_length=200)
    n = models.BigIntegerField()
    positives = models.BigIntegerField(null=True)
    threshold = models.FloatField(null=True)
    unit = models.CharField(max_length=30, blank=True)
    direction = models.CharField(max_length=6, blank=True)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "metric", "slice_field", "slice_value"],
                name="measurement_once",
            )
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        slice_ = f" for {self.slice_field} {self.slice_value}" if self.slice_field else ""
        return f"{self.metric}{slice_}: {self.value}"

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None


class CurveQuerySet(models.QuerySet["Curve"]):
    def visible_to(self, user: "User") -> "CurveQuerySet":
        return self.filter(evaluation__in=Evaluation.objects.visible_to(user).values("pk"))


class Curve(models.Model):
    """The bounded number of points of one chart, as they were when measured."""

    class Kind(models.TextChoices):
        ROC = "roc", "ROC curve"
        PR = "pr", "Precision over recall"
        CALIBRATION = "calibration", "Calibration"
        COST = "cost", "Cost over the threshold"
        SCORES = "scores", "Scores"
        BEST = "best", "Best threshold"
        SENSITIVITY = "sensitivity", "Best threshold by cost ratio"
        CONFUSION = "confusion", "Labels and predictions"
        PREDICTED = "predicted", "Predicted and true values"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="curves")
    kind = models.CharField(max_length=11, choices=Kind)
    slice = models.CharField(max_length=401, blank=True)
    points = models.JSONField()

    objects = CurveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "kind", "slice"], name="curve_once")
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.evaluation_id}"


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, user: "User") -> "ComparisonQuerySet":
        """Comparisons of which one may see both evaluations."""
        seen = Evaluation.objects.visible_to(user).values("pk")
        return self.filter(evaluation__in=seen, other__in=seen)


class Comparison(models.Model):
    """Two evaluations side by side on identical rows: first minus second, with intervals.

    `differences` are those of comparison.PairedDifference as objects, all rows first.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, related_name="comparisons"
    )
    other = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.REQUESTED)
    reason = models.TextField(blank=True)
    differences = models.JSONField(default=list, blank=True)
    costs_sentence = models.TextField(blank=True)
    code_version = models.CharField(max_length=100, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "other"],
                condition=~models.Q(state="failed"),
                name="compared_once",
            )
        ]
        triggers = [
            *frozen_triggers("evaluation", "other", "created_by", "created_at"),
            pgtrigger.Protect(
                name="keep_result",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="finished"),
            ),
        ]

    def __str__(self) -> str:
        both = f"{self.evaluation.version.label} beside {self.other.version.label}"
        return f"{both} on {self.evaluation.dataset}"

    def get_absolute_url(self) -> str:
        place = reverse("web:compare", args=[self.evaluation.version.model.name])
        return f"{place}?first={self.evaluation_id}&second={self.other_id}"

    @property
    def is_finished(self) -> bool:
        return self.state == self.State.FINISHED
