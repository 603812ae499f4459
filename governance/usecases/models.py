"""Business needs: what a model is for, what it must achieve, what an error costs, what it needs to run."""

import math

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models
from guardian.shortcuts import get_objects_for_user

from governance.usecases.addresses import scope_of
from registry.append_only import append_only_triggers
from registry.models import RegisteredModel


def finite(value: float) -> None:
    if not math.isfinite(value):
        raise ValidationError("This must be a finite number.")


class UseCaseQuerySet(models.QuerySet["UseCase"]):
    def visible_to(self, user: AbstractBaseUser) -> "UseCaseQuerySet":
        """Use cases this person has a part in, or all for those who read everything."""
        return get_objects_for_user(user, "usecases.view_usecase", klass=self, use_groups=False)


class UseCase(models.Model):
    """A business need; its responsibilities are the RACI matrix of its scope."""

    class Tier(models.IntegerChoices):
        HIGH = 1, "Tier 1"
        MEDIUM = 2, "Tier 2"
        LOW = 3, "Tier 3"

    class Favourable(models.TextChoices):
        NEGATIVE = "negative", "the negative decision (such as “not a bad risk”)"
        POSITIVE = "positive", "the positive decision"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    need = models.TextField(max_length=5000, blank=True)
    tier = models.PositiveSmallIntegerField(choices=Tier, default=Tier.HIGH)
    positive_meaning = models.CharField(max_length=200, blank=True)
    favourable_outcome = models.CharField(
        max_length=8, choices=Favourable, default=Favourable.NEGATIVE
    )
    cost_true_positive = models.FloatField(default=0, validators=[finite])
    cost_false_positive = models.FloatField(default=0, validators=[finite])
    cost_true_negative = models.FloatField(default=0, validators=[finite])
    cost_false_negative = models.FloatField(default=0, validators=[finite])
    cost_unit = models.CharField(max_length=40, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UseCaseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tier__in=[1, 2, 3]), name="use_case_tier_known"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/use-cases/{self.slug}/"

    @property
    def scope(self) -> str:
        """The key of its RACI matrix."""
        return scope_of(self.slug)

    @property
    def costs(self) -> dict[str, float]:
        """What each outcome costs per case; a benefit is negative."""
        return {
            "true_positive": self.cost_true_positive,
            "false_positive": self.cost_false_positive,
            "true_negative": self.cost_true_negative,
            "false_negative": self.cost_false_negative,
        }

    @property
    def has_costs(self) -> bool:
        """Whether outcomes differ in cost at all."""
        return len(set(self.costs.values())) > 1


class GovernedModel(models.Model):
    """A model adopted into a use case; one without such a row is ungoverned."""

    use_case = models.ForeignKey(UseCase, on_delete=models.PROTECT, related_name="governed")
    model = models.OneToOneField(
        RegisteredModel, on_delete=models.PROTECT, related_name="governed"
    )
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    adopted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["adopted_at"]

    def __str__(self) -> str:
        return f"{self.model} in {self.use_case}"


class OfVisibleUseCases(models.QuerySet):
    """Rows that belong to a use case are seen by those who see the use case."""

    def visible_to(self, user: AbstractBaseUser) -> "OfVisibleUseCases":
        return self.filter(use_case__in=UseCase.objects.visible_to(user))


class BaseModelAdoption(models.Model):
    """A model made elsewhere that models of the use case may build upon, as decided by a request."""

    use_case = models.ForeignKey(UseCase, on_delete=models.PROTECT, related_name="base_models")
    name = models.CharField(max_length=500)
    adopted_by_name = models.CharField(max_length=200)
    adopted_at = models.DateTimeField(auto_now_add=True)

    objects = OfVisibleUseCases.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["use_case", "name"], name="base_model_adopted_once")
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.name} for {self.use_case}"


class Requirement(models.Model):
    """Something technical the use case needs from another team."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        GRANTED = "granted", "Granted"
        MISSING = "missing", "Missing"

    use_case = models.ForeignKey(UseCase, on_delete=models.PROTECT, related_name="requirements")
    title = models.CharField(max_length=200)
    owner_team = models.CharField(max_length=100)
    state = models.CharField(max_length=7, choices=State, default=State.ASKED)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OfVisibleUseCases.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["use_case", "title"], name="requirement_once")
        ]

    def __str__(self) -> str:
        return self.title


class Kpi(models.Model):
    """A business figure with its unit, the direction that is better, and a target."""

    class Direction(models.TextChoices):
        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"

    use_case = models.ForeignKey(UseCase, on_delete=models.PROTECT, related_name="kpis")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    unit = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=6, choices=Direction)
    target = models.FloatField(validators=[finite])
    baseline = models.FloatField(null=True, blank=True, validators=[finite])
    description = models.TextField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OfVisibleUseCases.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "KPI"
        constraints = [
            models.UniqueConstraint(fields=["use_case", "key"], name="kpi_key_once_in_use_case")
        ]

    def __str__(self) -> str:
        return f"{self.title} of {self.use_case}"

    def is_met_by(self, value: float) -> bool:
        """Whether a value reaches the target."""
        if self.direction == self.Direction.HIGHER:
            return value >= self.target
        return value <= self.target


class KpiObservation(models.Model):
    """A value of a KPI over a period; a correction is a later row for the same period."""

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="observations")
    period_start = models.DateField()
    period_end = models.DateField()
    value = models.FloatField(validators=[finite])
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_by_name = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["period_end", "pk"]
        verbose_name = "KPI observation"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(period_start__lte=models.F("period_end")),
                name="observation_period_forward",
            )
        ]
        indexes = [
            models.Index(
                fields=["kpi", "period_end", "period_start", "-id"], name="observation_period"
            )
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.kpi.title} {self.period_start} to {self.period_end}: {self.value:g}"
