"""Reads over data sets for screens and for those who build on them; changes nothing."""

from django.db.models import QuerySet

from governance.datasets.models import DataSet
from governance.evaluation.models import Evaluation
from governance.usecases.models import UseCase


def evaluations_seen(record: DataSet, *, user: object) -> QuerySet[Evaluation]:
    """The evaluations naming the data set that the person may see, newest first."""
    return record.evaluations.filter(
        pk__in=Evaluation.objects.visible_to(user).values("pk")
    ).select_related("version__model", "created_by")


def on_other_rows(record: DataSet) -> bool:
    """Whether evaluations of this name were not all on the same rows."""
    digests = record.evaluations.exclude(rows_digest="").exclude(task="reported")
    return digests.values("rows_digest").distinct().count() > 1


def sensitive_columns(use_case: UseCase) -> set[str]:
    """The columns that any record of the use case declares sensitive."""
    declared = DataSet.objects.filter(use_case=use_case).values_list(
        "sensitive_fields", flat=True
    )
    return {name for names in declared for name in names}
