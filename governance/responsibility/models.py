"""What the rules found in each matrix when it or its people last changed; the rules are raci's."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat

from governance.usecases.addresses import SCOPE, address_of
from governance.usecases.models import UseCase
from raci.models import Matrix

if TYPE_CHECKING:
    from governance.accounts.models import User


class MatrixCheckQuerySet(models.QuerySet["MatrixCheck"]):
    def visible_to(self, user: "User") -> "MatrixCheckQuerySet":
        """Those of the use cases one may see."""
        scopes = UseCase.objects.visible_to(user).values_list(
            Concat(Value(SCOPE), "slug", output_field=models.CharField())
        )
        return self.filter(matrix__scope__in=scopes)


class MatrixCheck(models.Model):
    """The stored result of R1 to R5 and R7 to R12 for one matrix, so that lists compute nothing.

    `found` are problems as {code, severity, sentence, activity, role}.
    """

    matrix = models.OneToOneField(Matrix, on_delete=models.CASCADE, related_name="+")
    errors = models.PositiveIntegerField()
    warnings = models.PositiveIntegerField()
    notes = models.PositiveIntegerField()
    found = models.JSONField(default=list)
    checked_at = models.DateTimeField(auto_now=True)

    objects = MatrixCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-errors", "-warnings", "matrix"]

    def __str__(self) -> str:
        return f"{self.matrix}: {self.sentence}"

    def get_absolute_url(self) -> str:
        return address_of(self.matrix.scope)

    @property
    def sentence(self) -> str:
        """Says “2 errors, 1 warning”, or that nothing is wrong; notes are on the page of the matrix."""
        told = [
            f"{count} {word}{'' if count == 1 else 's'}"
            for count, word in ((self.errors, "error"), (self.warnings, "warning"))
            if count
        ]
        return ", ".join(told) or "no errors, no warnings"
