"""Matrices of responsibility: roles, activities, letters and the people who hold roles.

What a matrix is about stays unknown here: it has a plain scope key such as `use-case:credit-scoring`.
"""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils import timezone
from guardian.shortcuts import get_objects_for_user

from raci.append_only import append_only_triggers


class Letters(models.TextChoices):
    ACCOUNTABLE_AND_RESPONSIBLE = "A/R", "Accountable and Responsible"
    ACCOUNTABLE = "A", "Accountable"
    RESPONSIBLE = "R", "Responsible"
    CONSULTED = "C", "Consulted"
    INFORMED = "I", "Informed"


class MatrixQuerySet(models.QuerySet["Matrix"]):
    def visible_to(self, user: AbstractBaseUser) -> "MatrixQuerySet":
        """Matrices this person takes part in, or all for those who read everything."""
        return get_objects_for_user(user, "raci.view_matrix", klass=self, use_groups=False)


class Matrix(models.Model):
    scope = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MatrixQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "matrices"

    def __str__(self) -> str:
        return f"RACI of {self.title}"


class Role(models.Model):
    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="roles")
    code = models.CharField(max_length=10)
    title = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["matrix", "code"], name="role_code_once_in_matrix")
        ]

    def __str__(self) -> str:
        return self.title


class Activity(models.Model):
    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="activities")
    key = models.CharField(max_length=60)
    stage = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    segregated = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(
                fields=["matrix", "key"], name="activity_key_once_in_matrix"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Cell(models.Model):
    """The letters of one role in one activity; no row means no part in it."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="cells")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="cells")
    letters = models.CharField(max_length=3, choices=Letters)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "role"], name="one_cell_each"),
            models.CheckConstraint(
                condition=models.Q(letters__in=Letters.values), name="cell_letters_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letters} of {self.role} for {self.activity}"


class MatrixVersion(models.Model):
    """A matrix as it stood after a change; `snapshot` is as in `raci.edits`. Never altered."""

    matrix = models.ForeignKey(Matrix, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    snapshot = models.JSONField()
    digest = models.CharField(max_length=71)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # As written then: people rename themselves, history does not.
    changed_by_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["matrix", "number"], name="matrix_version_number_once"
            )
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.matrix} v{self.number}"


class HolderQuerySet(models.QuerySet["Holder"]):
    def current(self) -> "HolderQuerySet":
        """Holders whose time has not run out and whose account is active."""
        endless = models.Q(until=None) | models.Q(until__gt=timezone.now())
        return self.filter(endless, user__is_active=True)


class Holder(models.Model):
    """A person in a role, perhaps until a moment; the trail keeps what was before."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="holders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="raci_holdings"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    assigned_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    objects = HolderQuerySet.as_manager()

    class Meta:
        ordering = ["assigned_at"]
        constraints = [
            models.UniqueConstraint(fields=["role", "user"], name="person_holds_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"

    @property
    def matrix(self) -> Matrix:
        return self.role.matrix
