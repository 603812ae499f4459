"""The one list of metrics; what is not here cannot be measured, stored or asked for by a rule."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from governance.metrics.binary import BINARY
from governance.metrics.metric import HIDDEN_UNDER, Metric, Terms
from governance.metrics.statistics import Estimate

BY_TASK: dict[str, Sequence[Metric]] = {"binary": BINARY}
METRICS: dict[str, Metric] = {
    metric.key: metric for metrics in reversed(BY_TASK.values()) for metric in reversed(metrics)
}
METRICS = dict(reversed(METRICS.items()))
SYNONYMS = {"tpr": "recall", "tnr": "specificity", "ppv": "precision"}


def measure(task: str, tally: Any, terms: Terms) -> dict[str, Estimate]:
    """Computes every metric of one group; those of too few rows are hidden to protect people."""
    wanted = [
        metric for metric in BY_TASK[task] if not metric.is_cost or terms.costs or tally.worth
    ]
    if tally.rows < HIDDEN_UNDER:
        return {metric.key: Estimate(None, method="hidden") for metric in wanted}
    return {metric.key: _told(metric.compute(tally, terms), tally) for metric in wanted}


def _told(estimate: Estimate, tally: Any) -> Estimate:
    """Adds to how many equal rows weighted ones amount."""
    if tally.weights is None or not estimate.has_interval:
        return estimate
    return replace(
        estimate, method=f"{estimate.method}, {tally.n / tally.design:,.0f} effective rows"
    )
