"""What the page of a use case aggregates: KPI and metric over time; decides nothing."""

from dataclasses import dataclass
from datetime import date

from governance.evaluation.models import Measurement
from governance.usecases.models import UseCase

METRICS = {
    "auc": "ROC AUC",
    "cost": "Cost per case",
    "brier": "Brier score",
    "selection_rate": "Selection rate",
}


@dataclass(frozen=True)
class MetricPoint:
    """One overall measurement of one version, at the end of its period or at its measuring."""

    on: date
    version: str
    value: float
    low: float | None
    high: float | None
    n: int
    is_period: bool


def metric_points(use_case: UseCase, metric: str) -> list[MetricPoint]:
    """Every finished evaluation of the use case's models as a point in time, with one query."""
    rows = (
        Measurement.objects.overall()
        .filter(
            metric=metric,
            value__isnull=False,
            evaluation__state="finished",
            evaluation__version__deleted_at=None,
            evaluation__version__model__governed__use_case=use_case,
        )
        .select_related("evaluation__version__model")
    )
    return sorted((_point(row) for row in rows), key=lambda point: (point.on, point.version))


def _point(row: Measurement) -> MetricPoint:
    evaluation = row.evaluation
    return MetricPoint(
        on=evaluation.period_end or evaluation.finished_at.date(),
        version=evaluation.version.label,
        value=row.value,
        low=row.low,
        high=row.high,
        n=row.n,
        is_period=evaluation.period_end is not None,
    )
