"""Metrics of yes-or-no predictions, computed from a tally; judges no value."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, sqrt

import numpy as np

from governance.metrics import bootstrap, statistics
from governance.metrics.metric import Metric, Terms
from governance.metrics.statistics import Estimate
from governance.metrics.tally import SMALLEST_PROBABILITY, Decisions, Tally

OUTCOMES = ("true_positive", "false_positive", "true_negative", "false_negative")
Compute = Callable[[Tally, Terms], Estimate]


# shares


def _share(hits: str, of: str, nothing: str) -> Compute:
    """A rate of decisions: one attribute of the decisions, or two, over the whole that holds them."""

    def compute(tally: Tally, terms: Terms) -> Estimate:
        whole = sum(getattr(tally.decisions, part) for part in of.split())
        if not whole:
            return Estimate(None, method=nothing)
        part = sum(getattr(tally.decisions, part) for part in hits.split())
        return statistics.proportion(part, whole, tally.design)

    return compute


ALL = "true_positives false_positives true_negatives false_negatives"
POSITIVES = "true_positives false_negatives"
NEGATIVES = "true_negatives false_positives"
_prevalence = _share(POSITIVES, ALL, "no rows to divide by")
_accuracy = _share("true_positives true_negatives", ALL, "no rows to divide by")
_recall = _share("true_positives", POSITIVES, "no positives")
_specificity = _share("true_negatives", NEGATIVES, "no negatives")
_fpr = _share("false_positives", NEGATIVES, "no negatives")
_fnr = _share("false_negatives", POSITIVES, "no positives")
_precision = _share("true_positives", "predicted_positives", "nothing predicted positive")
_npv = _share("true_negatives", "predicted_negatives", "nothing predicted negative")


def _selection_rate(tally: Tally, terms: Terms) -> Estimate:
    predicted = tally.decisions.predicted_positives
    selected = predicted if terms.favourable == "positive" else tally.n - predicted
    return statistics.proportion(selected, tally.n, tally.design)


# decisions taken together


def _f1(tally: Tally, terms: Terms) -> Estimate:
    made = tally.decisions
    return statistics.f1(made.true_positives, made.mistakes, tally.design)


def _balanced_accuracy(tally: Tally, terms: Terms) -> Estimate:
    """The mean of two independent shares, so their variances add."""
    found, spared = _recall(tally, terms), _specificity(tally, terms)
    if found.value is None or spared.value is None:
        return Estimate(None, method="one class only")
    half = [
        sqrt(
            (getattr(found, end) - found.value) ** 2
            + (getattr(spared, end) - spared.value) ** 2
        )
        / 2
        for end in ("low", "high")
    ]
    value = (found.value + spared.value) / 2
    return Estimate(value, value - half[0], value + half[1], "Wilson, joined")


def _mcc(tally: Tally, terms: Terms) -> Estimate:
    made = tally.decisions
    a, b, c, d = (
        made.true_positives,
        made.false_positives,
        made.false_negatives,
        made.true_negatives,
    )
    spread = float(a + b) * float(a + c) * float(d + b) * float(d + c)
    if not spread:
        return Estimate(None, method="one class only, labelled or predicted")
    value = (float(a) * d - float(b) * c) / sqrt(spread)
    cells = [np.array(pair) / tally.design for pair in ((a, c), (b, d))]
    return bootstrap.estimate(value, cells, correlation_of)


def correlation_of(drawn: list[np.ndarray]) -> np.ndarray:
    """Matthews correlation by draw, from (found, missed) positives and (alarmed, spared) negatives."""
    (a, c), (b, d) = (cells.T.astype(float) for cells in drawn)
    return (a * d - b * c) / np.sqrt((a + b) * (a + c) * (d + b) * (d + c))


# scores


def _n(tally: Tally, terms: Terms) -> Estimate:
    return Estimate(tally.rows, method="count")


def auc(tally: Tally) -> Estimate:
    """Returns the ROC AUC with DeLong's interval."""
    found = statistics.delong(tally.effective_positives, tally.effective_negatives)
    return _with_error(found, tally)


def _auc(tally: Tally, terms: Terms) -> Estimate:
    return auc(tally)


def _gini(tally: Tally, terms: Terms) -> Estimate:
    area = auc(tally)
    ends = (area.value, area.low, area.high)
    return Estimate(*(end if end is None else 2 * end - 1 for end in ends), area.method)


def _ks(tally: Tally, terms: Terms) -> Estimate:
    if not tally.has_both_classes:
        return Estimate(None, method="one class only")
    of_positives = np.cumsum(tally.positives) / tally.positive_count
    of_negatives = np.cumsum(tally.negatives) / tally.negative_count
    return _with_error(
        Estimate(float(np.abs(of_positives - of_negatives).max())), tally, told=False
    )


def _pr_auc(tally: Tally, terms: Terms) -> Estimate:
    if not tally.positive_count:
        return Estimate(None, method="no positives")
    value = average_precision(tally)
    effective = float(tally.effective_positives.sum())
    return _with_error(statistics.average_precision(value, effective), tally, told=False)


def _log_loss(tally: Tally, terms: Terms) -> Estimate:
    scores = np.clip(tally.scores, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    squares = tally.sum_over_rows(np.log(scores) ** 2, np.log(1 - scores) ** 2)
    return statistics.mean(tally.log_loss, squares, tally.n, tally.design)


def _brier(tally: Tally, terms: Terms) -> Estimate:
    squares = tally.sum_over_rows((1 - tally.scores) ** 4, tally.scores**4)
    return statistics.mean(tally.squared_error, squares, tally.n, tally.design)


def _brier_skill(tally: Tally, terms: Terms) -> Estimate:
    if not tally.has_both_classes:
        return Estimate(None, method="one class only")
    share, error = tally.positive_count / tally.n, tally.squared_error / tally.n
    unskilled = share * (1 - share)
    # What each row adds to the skill, to first order: its error, and its share in the prevalence.
    drift = error * (1 - 2 * share) / unskilled**2
    each = [
        -((tally.scores - label) ** 2 - error) / unskilled + drift * (label - share)
        for label in (1, 0)
    ]
    squares = tally.sum_over_rows(*(one**2 for one in each))
    spread = statistics.mean(0.0, squares, tally.n, tally.design)
    value = 1 - error / unskilled
    if not spread.has_interval:
        return Estimate(value)
    return Estimate(value, value + spread.low, value + spread.high, "linearised")


# calibration


def _ece(tally: Tally, terms: Terms) -> Estimate:
    gaps = sum(abs(decile.positives - decile.score_total) for decile in tally.deciles)
    return Estimate(gaps / tally.n, method="10 equal bins, no interval")


def _calibration_in_the_large(tally: Tally, terms: Terms) -> Estimate:
    total = tally.positive_count - sum(decile.score_total for decile in tally.deciles)
    return statistics.mean(total, tally.squared_error, tally.n, tally.design)


def _calibration_slope(tally: Tally, terms: Terms) -> Estimate:
    return tally.calibration_line[1]


def _calibration_intercept(tally: Tally, terms: Terms) -> Estimate:
    return tally.calibration_line[0]


# costs


def _cost(tally: Tally, terms: Terms) -> Estimate:
    if tally.worth:
        worth = tally.worth
        return statistics.mean(worth.total, worth.squares, tally.n, tally.design)
    return cost_of(tally.decisions, terms.costs, tally.design)


def _cost_total(tally: Tally, terms: Terms) -> Estimate:
    each = _cost(tally, terms)
    if not each.has_interval:
        return replace(each, value=each.value and each.value * tally.n)
    return Estimate(*(one * tally.n for one in (each.value, each.low, each.high)), each.method)


def _cost_accept_all(tally: Tally, terms: Terms) -> Estimate:
    return _cost_of_all(tally, terms, terms.favourable)


def _cost_reject_all(tally: Tally, terms: Terms) -> Estimate:
    return _cost_of_all(
        tally, terms, "negative" if terms.favourable == "positive" else "positive"
    )


def _cost_of_all(tally: Tally, terms: Terms, decision: str) -> Estimate:
    if tally.worth:
        total = getattr(tally.worth, f"if_{decision}").sum().item()
        squares = getattr(tally.worth, f"squares_if_{decision}")
        return statistics.mean(total, squares, tally.n, tally.design)
    return cost_of(same_for_all(tally, decision), terms.costs, tally.design)


SHARE, COST, TOTAL = "share", "cost", "total cost"
UP, DOWN = "higher", "lower"
BINARY = (
    Metric("n", "Rows", "rows", "", "Rows measured.", _n, highest=inf),
    Metric(
        "prevalence",
        "Prevalence",
        SHARE,
        "",
        "Share of positive labels.",
        _prevalence,
        share_of="rows",
    ),
    Metric(
        "auc",
        "ROC AUC",
        "",
        UP,
        "Chance that a positive scores above a negative; independent of threshold and prevalence.",
        _auc,
    ),
    Metric(
        "gini",
        "Gini",
        "",
        UP,
        "Twice the ROC AUC minus 1, as credit scoring says it.",
        _gini,
        lowest=-1,
    ),
    Metric(
        "ks", "KS", "", UP, "Widest gap between the score distributions of both classes.", _ks
    ),
    Metric(
        "pr_auc", "PR AUC", "", UP, "Average precision; depends on the prevalence.", _pr_auc
    ),
    Metric(
        "logloss",
        "Log loss",
        "nats",
        DOWN,
        "Mean surprise at the label.",
        _log_loss,
        highest=inf,
    ),
    Metric(
        "brier",
        "Brier score",
        "",
        DOWN,
        "Mean squared error of the score; moves with the prevalence.",
        _brier,
    ),
    Metric(
        "brier_skill",
        "Brier skill",
        "",
        UP,
        "1 minus the Brier score over that of always saying the prevalence.",
        _brier_skill,
        lowest=-inf,
    ),
    Metric(
        "ece",
        "Calibration error",
        "",
        DOWN,
        "Mean gap between score and frequency over 10 equal bins.",
        _ece,
    ),
    Metric(
        "calibration_in_the_large",
        "Calibration in the large",
        "",
        "",
        "Mean label minus mean score; 0 is ideal.",
        _calibration_in_the_large,
        lowest=-1,
    ),
    Metric(
        "calibration_slope",
        "Calibration slope",
        "",
        "",
        "Slope of the label's log odds over the score's; 1 is ideal, less is too sure.",
        _calibration_slope,
        lowest=-inf,
        highest=inf,
    ),
    Metric(
        "calibration_intercept",
        "Calibration intercept",
        "",
        "",
        "The label's log odds where the score is a half; 0 is ideal.",
        _calibration_intercept,
        lowest=-inf,
        highest=inf,
    ),
    Metric(
        "accuracy",
        "Accuracy",
        SHARE,
        UP,
        "Share decided right.",
        _accuracy,
        needs_threshold=True,
        share_of="rows",
    ),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        SHARE,
        UP,
        "Mean of recall and specificity.",
        _balanced_accuracy,
        needs_threshold=True,
    ),
    Metric(
        "precision",
        "Precision",
        SHARE,
        UP,
        "Share of positive decisions that were right.",
        _precision,
        needs_threshold=True,
        share_of="decided positive",
    ),
    Metric(
        "npv",
        "Negative predictive value",
        SHARE,
        UP,
        "Share of negative decisions that were right.",
        _npv,
        needs_threshold=True,
        share_of="decided negative",
    ),
    Metric(
        "recall",
        "Recall",
        SHARE,
        UP,
        "Share of positives found (true positive rate).",
        _recall,
        needs_threshold=True,
        share_of="positives",
    ),
    Metric(
        "specificity",
        "Specificity",
        SHARE,
        UP,
        "Share of negatives decided negative (true negative rate).",
        _specificity,
        needs_threshold=True,
        share_of="negatives",
    ),
    Metric(
        "fpr",
        "False positive rate",
        SHARE,
        DOWN,
        "Share of negatives decided positive.",
        _fpr,
        needs_threshold=True,
        share_of="negatives",
    ),
    Metric(
        "fnr",
        "False negative rate",
        SHARE,
        DOWN,
        "Share of positives decided negative.",
        _fnr,
        needs_threshold=True,
        share_of="positives",
    ),
    Metric(
        "f1",
        "F1",
        "",
        UP,
        "Harmonic mean of precision and recall.",
        _f1,
        needs_threshold=True,
    ),
    Metric(
        "mcc",
        "Matthews correlation",
        "",
        UP,
        "Correlation of decisions with labels; 0 is chance.",
        _mcc,
        needs_threshold=True,
        lowest=-1,
    ),
    Metric(
        "selection_rate",
        "Selection rate",
        SHARE,
        "",
        "Share that gets the favourable decision.",
        _selection_rate,
        needs_threshold=True,
        share_of="rows",
    ),
    Metric(
        "cost",
        "Cost per case",
        COST,
        DOWN,
        "Mean cost by the cost matrix, or by the costs of each row.",
        _cost,
        needs_threshold=True,
        lowest=-inf,
        highest=inf,
    ),
    Metric(
        "cost_total",
        "Cost in total",
        TOTAL,
        DOWN,
        "Cost of all rows together.",
        _cost_total,
        needs_threshold=True,
        lowest=-inf,
        highest=inf,
    ),
    Metric(
        "cost_accept_all",
        "Cost of accepting everyone",
        COST,
        DOWN,
        "Cost per case if everyone got the favourable decision.",
        _cost_accept_all,
        lowest=-inf,
        highest=inf,
    ),
    Metric(
        "cost_reject_all",
        "Cost of rejecting everyone",
        COST,
        DOWN,
        "Cost per case if nobody got the favourable decision.",
        _cost_reject_all,
        lowest=-inf,
        highest=inf,
    ),
)


def cost_of(made: Decisions, costs: dict[str, float], design: float = 1.0) -> Estimate:
    """Returns the mean cost of the decisions with its interval."""
    counts = np.array(
        [made.true_positives, made.false_positives, made.true_negatives, made.false_negatives]
    )
    each = np.array([costs[outcome] for outcome in OUTCOMES], dtype=float)
    total, squares = float(each @ counts), float(each**2 @ counts)
    return statistics.mean(total, squares, counts.sum().item(), design)


def average_precision(tally: Tally) -> float:
    """Sums precision over the steps of recall, from the highest score down.

    A group of one score is a step, as in scikit-learn. In a group of many, the precision expected
    at its middle positive, were the order inside random, stands for all of them.
    """
    positives, negatives = tally.positives[::-1], tally.negatives[::-1]
    many = ~tally.single[::-1]
    found = np.cumsum(positives) - many * (positives - 1) / 2
    seen = found + np.cumsum(negatives) - many * negatives / 2
    precision = np.divide(found, seen, out=np.zeros_like(found, dtype=float), where=seen > 0)
    return float(precision @ positives / tally.positive_count)


def same_for_all(tally: Tally, decision: str) -> Decisions:
    if decision == "positive":
        return Decisions(tally.positive_count, tally.negative_count, 0, 0)
    return Decisions(0, 0, tally.negative_count, tally.positive_count)


def _with_error(estimate: Estimate, tally: Tally, *, told: bool = True) -> Estimate:
    """Adds to the method that scores were binned, and how far the value can be off."""
    if tally.single.all() or estimate.value is None:
        return estimate
    binned = f"{estimate.method}, {len(tally.scores)} bins"
    error = f", error at most {tally.auc_error:.0e}" if told else ""
    return replace(estimate, method=binned + error)
