"""The one list of metrics and how each is computed from a tally; judges no value."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from governance.evaluation import statistics
from governance.evaluation.statistics import Estimate
from governance.evaluation.tally import SMALLEST_PROBABILITY, Decisions, Tally

HIDDEN_UNDER = 10
OUTCOMES = ("true_positive", "false_positive", "true_negative", "false_negative")


@dataclass(frozen=True)
class Terms:
    """What turns scores into decisions and decisions into cost; no costs: cost is not measured."""

    threshold: float = 0.5
    favourable: str = "negative"
    costs: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """One metric: what it is called, its unit, which direction is better, and what it says."""

    key: str
    title: str
    unit: str
    direction: str
    description: str
    compute: Callable[[Tally, Terms], Estimate]
    needs_threshold: bool = False


def _n(tally: Tally, terms: Terms) -> Estimate:
    return Estimate(tally.n, method="count")


def _prevalence(tally: Tally, terms: Terms) -> Estimate:
    return statistics.proportion(tally.positive_count, tally.n)


def _auc(tally: Tally, terms: Terms) -> Estimate:
    return _with_error(statistics.delong(tally.positives, tally.negatives), tally)


def _pr_auc(tally: Tally, terms: Terms) -> Estimate:
    if not tally.positive_count:
        return Estimate(None, method="no positives")
    value = average_precision(tally)
    estimate = statistics.average_precision(value, tally.positive_count)
    return _with_error(estimate, tally, told=False)


def _log_loss(tally: Tally, terms: Terms) -> Estimate:
    scores = np.clip(tally.scores, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    squares = tally.sum_over_rows(np.log(scores) ** 2, np.log(1 - scores) ** 2)
    return statistics.mean(tally.log_loss, squares, tally.n)


def _brier(tally: Tally, terms: Terms) -> Estimate:
    squares = tally.sum_over_rows((1 - tally.scores) ** 4, tally.scores**4)
    return statistics.mean(tally.squared_error, squares, tally.n)


def _brier_skill(tally: Tally, terms: Terms) -> Estimate:
    if not tally.has_both_classes:
        return Estimate(None, method="one class only")
    share = tally.positive_count / tally.n
    return Estimate(1 - tally.squared_error / tally.n / (share * (1 - share)))


def _ece(tally: Tally, terms: Terms) -> Estimate:
    gaps = sum(abs(decile.positives - decile.score_total) for decile in tally.deciles)
    return Estimate(gaps / tally.n, method="10 equal bins, no interval")


def _accuracy(tally: Tally, terms: Terms) -> Estimate:
    return statistics.proportion(tally.n - tally.decisions.mistakes, tally.n)


def _precision(tally: Tally, terms: Terms) -> Estimate:
    if not tally.decisions.predicted_positives:
        return Estimate(None, method="nothing predicted positive")
    made = tally.decisions
    return statistics.proportion(made.true_positives, made.predicted_positives)


def _recall(tally: Tally, terms: Terms) -> Estimate:
    if not tally.positive_count:
        return Estimate(None, method="no positives")
    return statistics.proportion(tally.decisions.true_positives, tally.positive_count)


def _f1(tally: Tally, terms: Terms) -> Estimate:
    return statistics.f1(tally.decisions.true_positives, tally.decisions.mistakes)


def _fpr(tally: Tally, terms: Terms) -> Estimate:
    if not tally.negative_count:
        return Estimate(None, method="no negatives")
    return statistics.proportion(tally.decisions.false_positives, tally.negative_count)


def _selection_rate(tally: Tally, terms: Terms) -> Estimate:
    predicted = tally.decisions.predicted_positives
    selected = predicted if terms.favourable == "positive" else tally.n - predicted
    return statistics.proportion(selected, tally.n)


def _cost(tally: Tally, terms: Terms) -> Estimate:
    return cost_of(tally.decisions, terms.costs)


def _cost_accept_all(tally: Tally, terms: Terms) -> Estimate:
    return cost_of(_same_for_all(tally, terms.favourable), terms.costs)


def _cost_reject_all(tally: Tally, terms: Terms) -> Estimate:
    other = "negative" if terms.favourable == "positive" else "positive"
    return cost_of(_same_for_all(tally, other), terms.costs)


_LIST = [
    Metric("n", "Rows", "rows", "", "Rows measured.", _n),
    Metric("prevalence", "Prevalence", "share", "", "Share of positive labels.", _prevalence),
    Metric(
        "auc",
        "ROC AUC",
        "",
        "higher",
        "Chance that a positive scores above a negative; independent of threshold and prevalence.",
        _auc,
    ),
    Metric(
        "pr_auc",
        "PR AUC",
        "",
        "higher",
        "Average precision; depends on the prevalence.",
        _pr_auc,
    ),
    Metric("logloss", "Log loss", "nats", "lower", "Mean surprise at the label.", _log_loss),
    Metric(
        "brier",
        "Brier score",
        "",
        "lower",
        "Mean squared error of the score; moves with the prevalence.",
        _brier,
    ),
    Metric(
        "brier_skill",
        "Brier skill",
        "",
        "higher",
        "1 minus the Brier score over that of always saying the prevalence.",
        _brier_skill,
    ),
    Metric(
        "ece",
        "Calibration error",
        "",
        "lower",
        "Mean gap between score and frequency over 10 equal bins.",
        _ece,
    ),
    Metric("accuracy", "Accuracy", "share", "higher", "Share decided right.", _accuracy, True),
    Metric(
        "precision",
        "Precision",
        "share",
        "higher",
        "Share of positive decisions that were right.",
        _precision,
        True,
    ),
    Metric(
        "recall",
        "Recall",
        "share",
        "higher",
        "Share of positives found (true positive rate).",
        _recall,
        True,
    ),
    Metric("f1", "F1", "", "higher", "Harmonic mean of precision and recall.", _f1, True),
    Metric(
        "fpr",
        "False positive rate",
        "share",
        "lower",
        "Share of negatives decided positive.",
        _fpr,
        True,
    ),
    Metric(
        "selection_rate",
        "Selection rate",
        "share",
        "",
        "Share that gets the favourable decision.",
        _selection_rate,
        True,
    ),
    Metric(
        "cost", "Cost per case", "cost", "lower", "Mean cost by the cost matrix.", _cost, True
    ),
    Metric(
        "cost_accept_all",
        "Cost of accepting everyone",
        "cost",
        "lower",
        "Cost per case if everyone got the favourable decision.",
        _cost_accept_all,
    ),
    Metric(
        "cost_reject_all",
        "Cost of rejecting everyone",
        "cost",
        "lower",
        "Cost per case if nobody got the favourable decision.",
        _cost_reject_all,
    ),
]
METRICS = {metric.key: metric for metric in _LIST}
SYNONYMS = {"tpr": "recall"}


def measure(tally: Tally, terms: Terms) -> dict[str, Estimate]:
    """Computes every metric of one group; those of too few rows are hidden to protect people."""
    wanted = [metric for metric in _LIST if terms.costs or metric.unit != "cost"]
    if tally.n < HIDDEN_UNDER:
        return {metric.key: Estimate(None, method="hidden") for metric in wanted}
    return {metric.key: metric.compute(tally, terms) for metric in wanted}


def cost_of(made: Decisions, costs: dict[str, float]) -> Estimate:
    """Returns the mean cost of the decisions with its interval."""
    counts = np.array(
        [made.true_positives, made.false_positives, made.true_negatives, made.false_negatives]
    )
    each = np.array([costs[outcome] for outcome in OUTCOMES], dtype=float)
    return statistics.mean(float(each @ counts), float(each**2 @ counts), int(counts.sum()))


def average_precision(tally: Tally) -> float:
    """Sums precision over the steps of recall, from the highest score down.

    A group of one score is a step, as in scikit-learn. In a group of many, the precision expected
    at its middle positive, were the order inside random, stands for all of them.
    """
    positives, negatives = tally.positives[::-1], tally.negatives[::-1]
    many = ~tally.single[::-1]
    found = np.cumsum(positives) - many * (positives - 1) / 2
    seen = found + np.cumsum(negatives) - many * negatives / 2
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    return float(precision @ positives / tally.positive_count)


def _same_for_all(tally: Tally, decision: str) -> Decisions:
    if decision == "positive":
        return Decisions(tally.positive_count, tally.negative_count, 0, 0)
    return Decisions(0, 0, tally.negative_count, tally.positive_count)


def _with_error(estimate: Estimate, tally: Tally, *, told: bool = True) -> Estimate:
    """Adds to the method that scores were binned, and how far the value can be off."""
    if tally.single.all() or estimate.value is None:
        return estimate
    binned = f"{estimate.method}, {len(tally.scores)} bins"
    error = f", error at most {tally.auc_error:.0e}" if told else ""
    return Estimate(estimate.value, estimate.low, estimate.high, binned + error)
