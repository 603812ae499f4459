"""The one list of metrics; what is not here cannot be measured, stored or asked for by a rule."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from governance.metrics.binary import BINARY
from governance.metrics.metric import HIDDEN_UNDER, Metric, Terms
from governance.metrics.multiclass import MULTICLASS, OF_A_CLASS, OF_A_DECISION
from governance.metrics.multilabel import MULTILABEL
from governance.metrics.ranking import RANKING
from governance.metrics.regression import REGRESSION
from governance.metrics.statistics import Estimate

BY_TASK: dict[str, Sequence[Metric]] = {
    "binary": BINARY,
    "multiclass": MULTICLASS,
    "multilabel": MULTILABEL,
    "regression": REGRESSION,
    "ranking": RANKING,
    "class": OF_A_CLASS,
    "decision": OF_A_DECISION,
}


def _by_key() -> dict[str, Metric]:
    """Where tasks share a key, the first one's words stand for all."""
    found: dict[str, Metric] = {}
    for metrics in BY_TASK.values():
        for metric in metrics:
            found.setdefault(metric.key, metric)
    return found


METRICS = _by_key()
# What a pipeline measured elsewhere and reported; any name may follow, and nothing is known of it.
REPORTED = "reported."
SYNONYMS = {"tpr": "recall", "tnr": "specificity", "ppv": "precision"}


def title(key: str) -> str:
    """What a metric is called, be it measured here or reported."""
    if key.startswith(REPORTED):
        return f"{key.removeprefix(REPORTED).replace('_', ' ').capitalize()} (reported)"
    return METRICS[key].title if key in METRICS else key


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
    if not (tally.is_weighted and estimate.has_interval):
        return estimate
    effective = tally.n / tally.design
    return replace(estimate, method=f"{estimate.method}, {effective:,.0f} effective rows")
