"""Which charts stand on which page; the figures themselves are governance.dashboards.figures."""

from collections.abc import Iterator, Sequence

from governance.dashboards import figures
from governance.dashboards.comparing import Compared
from governance.dashboards.figures import Chart
from governance.dashboards.use_case import MetricPoint
from governance.dashboards.version import Evidence
from governance.metrics import METRICS
from governance.usecases.models import Kpi

FOREST = ("auc", "selection_rate", "balanced_accuracy", "f1_micro", "mae", "ndcg", "recall")
MOST_FORESTS = 2


def kpi_charts(kpis: Sequence[Kpi], points: Sequence[MetricPoint], metric: str) -> list[Chart]:
    """Each observed KPI above the metric, on one time axis; the first KPI while none is observed."""
    shown = [kpi for kpi in kpis if kpi.series] or (list(kpis[:1]) if points else [])
    return [figures.kpi_and_metric(kpi.series, points, kpi=kpi, metric=metric) for kpi in shown]


def comparison_charts(found: Compared) -> list[Chart]:
    """The shares on one axis, and the groups on the cost or the ROC AUC."""
    shares = [
        one for one in found.metrics if METRICS[one.metric].is_bounded and one.value is not None
    ]
    drawn = [figures.differences(shares, heading="Differences of metrics")] if shares else []
    groups = [one for _field, rows in found.slices for one in rows]
    key = next((key for key in ("cost", "auc") if any(g.metric == key for g in groups)), "")
    own = [one for one in groups if one.metric == key and one.value is not None]
    if own:
        heading = f"{METRICS[key].title} by group"
        drawn.append(figures.differences(own, heading=heading, unit=own[0].unit))
    return drawn


def evidence_charts(evidence: Evidence) -> list[Chart]:
    return [*_costs(evidence), *_slices(evidence), *_curves(evidence)]


def _costs(evidence: Evidence) -> Iterator[Chart]:
    if points := evidence.curves.get("cost"):
        yield figures.cost_over_threshold(
            points,
            threshold=evidence.evaluation.threshold,
            accept_all=_value(evidence, "cost_accept_all"),
            reject_all=_value(evidence, "cost_reject_all"),
            unit=evidence.by_metric["cost"].unit if "cost" in evidence.by_metric else "",
            best=evidence.best,
        )
    if points := evidence.curves.get("sensitivity"):
        yield figures.sensitivity(
            points,
            favourable=evidence.evaluation.favourable,
            threshold=evidence.evaluation.threshold,
        )


def _slices(evidence: Evidence) -> Iterator[Chart]:
    """A forest plot over all groups of all fields, for the metrics people ask about first."""
    by_metric = {
        key: [row for found in evidence.slices.values() for row in found.get(key, [])]
        for key in FOREST
    }
    for key in [key for key, rows in by_metric.items() if rows][:MOST_FORESTS]:
        metric = METRICS[key]
        yield figures.slices(by_metric[key], metric=metric.title, overall=_value(evidence, key))


def _curves(evidence: Evidence) -> Iterator[Chart]:
    curves, threshold = evidence.curves, evidence.evaluation.threshold
    if curves.get("confusion"):
        yield figures.confusion(curves["confusion"])
    if curves.get("predicted"):
        yield figures.predicted(curves["predicted"])
    if curves.get("scores"):
        yield figures.scores(curves["scores"], threshold=threshold)
    if curves.get("calibration"):
        yield figures.calibration(curves["calibration"], ece=_value(evidence, "ece"))
    if curves.get("roc"):
        yield figures.roc(curves["roc"], auc=_value(evidence, "auc"), threshold=threshold)
    if curves.get("pr"):
        yield figures.precision_recall(
            curves["pr"], prevalence=_value(evidence, "prevalence"), threshold=threshold
        )


def _value(evidence: Evidence, metric: str) -> float | None:
    found = evidence.by_metric.get(metric)
    return found.value if found else None
