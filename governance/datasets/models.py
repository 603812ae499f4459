"""Data sets as people know them: name, version, digest, rows, period, licence, what is sensitive."""

import uuid
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from governance.evaluation.models import Evaluation
from governance.jobs.models import Job
from governance.usecases.models import UseCase
from registry.append_only import frozen_triggers

if TYPE_CHECKING:
    from governance.accounts.models import User


class DataSetQuerySet(models.QuerySet["DataSet"]):
    def visible_to(self, user: "User") -> "DataSetQuerySet":
        """Those of the use cases one may see, and one's own without a use case."""
        seen = UseCase.objects.visible_to(user).values("pk")
        return self.filter(Q(use_case__in=seen) | Q(use_case=None, created_by=user))


# What a record is known by; PostgreSQL refuses to change it afterwards.
ASKED = (
    "name",
    "version",
    "scope",
    "use_case",
    "source_kind",
    "source",
    "artifact",
    "created_by",
    "created_at",
)
FOUND = ("digest", "size", "rows", "columns", "state")
ANY_FOUND_CHANGES = reduce(
    or_, (pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in FOUND)
)


class DataSet(models.Model):
    """One version of a data set in a use case, or of a person while it has none.

    `columns` is the profile: for every column its type, how many values are missing, how many
    differ, quantiles of numbers, frequent values. A data set that is only named by evaluations has
    neither file nor profile; `rows_digest` then says which rows they were.
    """

    class State(models.TextChoices):
        NAMED = "named", "Known from evaluations"
        PROFILING = "profiling", "Being read"
        READY = "ready", "Recorded"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    version = models.CharField(max_length=100, blank=True)
    scope = models.CharField(max_length=60)
    use_case = models.ForeignKey(
        UseCase, null=True, blank=True, on_delete=models.PROTECT, related_name="data_sets"
    )
    source_kind = models.CharField(max_length=6, blank=True)
    source = models.CharField(max_length=2000, blank=True)
    artifact = models.CharField(max_length=500, blank=True)

    description = models.TextField(blank=True)
    licence = models.CharField(max_length=200, blank=True)
    sensitive_fields = models.JSONField(default=list, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)

    state = models.CharField(max_length=9, choices=State, default=State.PROFILING)
    reason = models.TextField(blank=True)
    digest = models.CharField(max_length=71, blank=True)
    rows_digest = models.CharField(max_length=80, blank=True)
    size = models.BigIntegerField(null=True)
    rows = models.BigIntegerField(null=True)
    columns = models.JSONField(default=list, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DataSetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "name", "version"], name="data_set_named_once"
            ),
            models.UniqueConstraint(
                fields=["scope", "digest"],
                condition=~Q(digest=""),
                name="data_set_stored_once",
            ),
        ]
        triggers = [
            *frozen_triggers(*ASKED),
            pgtrigger.Protect(
                name="keep_profile",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="ready") & ANY_FOUND_CHANGES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    def get_absolute_url(self) -> str:
        return reverse("web:data_set", args=[self.pk])

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def column_names(self) -> list[str]:
        return [column["name"] for column in self.columns]

    @property
    def evaluations(self) -> models.QuerySet[Evaluation]:
        """The evaluations that name this data set, newest first."""
        named = Evaluation.objects.filter(dataset_name=self.name, dataset_version=self.version)
        if self.use_case_id:
            return named.filter(version__model__governed__use_case=self.use_case_id)
        return named.filter(version__model__governed=None, created_by=self.created_by_id)
