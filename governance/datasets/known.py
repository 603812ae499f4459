"""What is known of the data of use cases, for those who write rules about them; changes nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Max

from governance.datasets.models import DataSet
from governance.datasets.queries import sensitive_columns
from governance.evaluation.models import Evaluation, Measurement
from governance.policies.rules import CROSSED
from governance.policies.surroundings import KnownData
from governance.usecases.models import UseCase

# The newest evaluations say well enough what fields there are.
MOST_EVALUATIONS = 20
# One row for each slice: how many rows or queries it has.
COUNTS = ("n", "queries")


def known_data(use_cases: Sequence[UseCase]) -> list[KnownData]:
    """Answers the port POLICY_KNOWN_DATA: one answer for each use case."""
    return [_known(use_case) for use_case in use_cases]


def _known(use_case: UseCase) -> KnownData:
    records = DataSet.objects.filter(use_case=use_case, state=DataSet.State.READY)
    profiled = [
        column for columns in records.values_list("columns", flat=True) for column in columns
    ]
    evaluations = Evaluation.objects.finished().filter(
        version__model__governed__use_case=use_case
    )
    newest = list(evaluations.order_by("-finished_at")[:MOST_EVALUATIONS])
    groups = _groups_of(profiled) | _groups_measured(newest)
    return KnownData(
        use_case=use_case.title,
        columns=frozenset(
            [*(column["name"] for column in profiled), *_named_in(newest), *groups]
        ),
        groups=groups,
        sensitive=frozenset(sensitive_columns(use_case)),
        most_rows=max(_most(records, "rows"), _most(evaluations, "rows")),
        most_positives=_most(evaluations, "positives"),
    )


def _most(found: Any, field: str) -> int:
    return found.aggregate(most=Max(field))["most"] or 0


def _groups_of(columns: Iterable[dict]) -> dict[str, int]:
    """How many values columns have; numbers are put into bands, so theirs do not count."""
    return {
        column["name"]: column["different"] for column in columns if column["type"] != "number"
    }


def _groups_measured(evaluations: Sequence[Evaluation]) -> dict[str, int]:
    counted = (
        Measurement.objects.filter(evaluation__in=evaluations, metric__in=COUNTS)
        .exclude(slice_field="")
        .order_by()
        .values_list("slice_field")
        .annotate(values=Count("slice_value", distinct=True))
    )
    return {name: values for name, values in counted if CROSSED not in name}


def _named_in(evaluations: Sequence[Evaluation]) -> set[str]:
    """The columns that evaluations said they would read."""
    return {
        name
        for evaluation in evaluations
        for name in evaluation.columns.values()
        if isinstance(name, str) and name
    }
