"""Estimates with their intervals, from counts and scores in NumPy; knows nothing of files or metrics."""

from dataclasses import dataclass
from math import exp, isfinite, log, sqrt
from statistics import NormalDist

import numpy as np

Z95 = NormalDist().inv_cdf(0.975)
MOST_STEPS = 50
WORST_CONDITION = 1e12


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; no interval where none can be given."""

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = "no interval"

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None


def wilson(successes: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Returns the Wilson interval of a proportion."""
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def proportion(successes: float, n: float, design: float = 1.0) -> Estimate:
    """Returns a share with its interval; `design` is the weight of one equal row (see Tally)."""
    if n == 0:
        return Estimate(None, method="no rows to divide by")
    return Estimate(successes / n, *wilson(successes / design, n / design), "Wilson")


def mean(total: float, total_of_squares: float, n: float, design: float = 1.0) -> Estimate:
    """Returns a mean with its normal interval."""
    rows = n / design
    if rows < 2:
        return Estimate(total / n) if n else Estimate(None, method="no rows")
    centre = total / n
    variance = max(0.0, (total_of_squares / n - centre * centre) * rows / (rows - 1))
    half = Z95 * sqrt(variance / rows)
    return Estimate(centre, centre - half, centre + half, "normal")


def ratio_of_sums(sums: "Sums", design: float = 1.0) -> Estimate:
    """Returns Σa / Σb over independent rows, with the interval of its linearisation."""
    rows = sums.n / design
    if not sums.b:
        return Estimate(None, method="division by zero")
    value = sums.a / sums.b
    if rows < 2:
        return Estimate(value)
    residuals = sums.a_squared - 2 * value * sums.a_times_b + value**2 * sums.b_squared
    variance = max(0.0, residuals / sums.n) * rows / (rows - 1)
    half = Z95 * sqrt(variance / rows) / abs(sums.b / sums.n)
    return Estimate(value, value - half, value + half, "linearised ratio")


@dataclass(frozen=True)
class Sums:
    """Sums over rows of two quantities a and b, of their squares and of their product."""

    n: float
    a: float
    b: float
    a_squared: float
    b_squared: float
    a_times_b: float


def f1(true_positives: float, mistakes: float, design: float = 1.0) -> Estimate:
    """F1 is a rising function of TP / (TP + FP + FN), so that share's Wilson interval carries over."""
    cases = true_positives + mistakes
    if cases == 0:
        return Estimate(None, method="no positives, labelled or predicted")
    shares = (true_positives / cases, *wilson(true_positives / design, cases / design))
    return Estimate(*(2 * share / (1 + share) for share in shares), "Wilson, transformed")


def average_precision(value: float, positives: float) -> Estimate:
    """Returns the interval on the logit scale (Boyd, Eng and Page 2013)."""
    if not 0 < value < 1:
        return Estimate(value)
    half = Z95 / sqrt(positives * value * (1 - value))
    centre = log(value / (1 - value))
    low, high = (1 / (1 + exp(-edge)) for edge in (centre - half, centre + half))
    return Estimate(value, low, high, "logit")


def ratio(share_a: float, hits_a: int, share_b: float, hits_b: int) -> Estimate:
    """Returns share_a / share_b with the interval of its logarithm."""
    if share_b == 0:
        return Estimate(None, method="division by zero")
    if not hits_a or not hits_b:
        return Estimate(share_a / share_b)
    spread = Z95 * sqrt((1 - share_a) / hits_a + (1 - share_b) / hits_b)
    value = share_a / share_b
    return Estimate(value, value * exp(-spread), value * exp(spread), "log ratio")


@dataclass(frozen=True)
class Placements:
    """Where each group of tied scores stands (DeLong's structural components).

    `below` is the share of negatives under a positive of the group, ties counting half;
    `above` the share of positives over a negative of the group.
    """

    below: np.ndarray
    above: np.ndarray
    auc: float


def placements(positives: np.ndarray, negatives: np.ndarray) -> Placements:
    """Places groups of tied scores, given in rising order with their counts of each class."""
    p, n = positives.sum(), negatives.sum()
    below = (np.cumsum(negatives) - negatives / 2) / n
    above = 1 - (np.cumsum(positives) - positives / 2) / p
    return Placements(below, above, float(below @ positives / p))


def delong(positives: np.ndarray, negatives: np.ndarray) -> Estimate:
    """Returns the ROC AUC with DeLong's interval, from counts of each class by rising score."""
    p, n = positives.sum().item(), negatives.sum().item()
    if not p or not n:
        return Estimate(None, method="one class only")
    placed = placements(positives, negatives)
    if min(p, n) < 2:
        return Estimate(placed.auc, method="no interval: one row of a class")
    variance = _variance(placed.below, positives, placed.auc) / p
    variance += _variance(placed.above, negatives, placed.auc) / n
    if variance <= 0:
        return Estimate(placed.auc, method="no interval: DeLong variance is 0")
    half = Z95 * sqrt(variance)
    return Estimate(
        placed.auc, max(0.0, placed.auc - half), min(1.0, placed.auc + half), "DeLong"
    )


def logistic_line(
    predictor: np.ndarray, successes: np.ndarray, failures: np.ndarray
) -> tuple[Estimate, Estimate]:
    """Returns intercept and slope of a logistic regression on grouped counts, with Wald intervals.

    Fitted by Newton's steps (Cox 1958); no value where one class is missing, the predictor is
    constant, or the classes lie apart so that no finite line fits.
    """
    counts = successes + failures
    spread = np.ptp(predictor[counts > 0]) if (counts > 0).any() else 0.0
    if not successes.sum() or not failures.sum() or not spread:
        nothing = Estimate(None, method="no line can be fitted")
        return nothing, nothing
    design = np.stack([np.ones_like(predictor), predictor])
    found = np.zeros(2)
    for _ in range(MOST_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(found @ design, -500, 500)))
        information = (design * (counts * expected * (1 - expected))) @ design.T
        if np.linalg.cond(information) > WORST_CONDITION:
            break
        step = np.linalg.solve(information, design @ (successes - counts * expected))
        found = found + step
        if np.abs(step).max() < 1e-10:
            spreads = Z95 * np.sqrt(np.diag(np.linalg.inv(information)))
            return tuple(
                Estimate(float(one), float(one - half), float(one + half), "logistic, Wald")
                for one, half in zip(found, spreads, strict=True)
            )
    nothing = Estimate(None, method="the classes lie apart; no line can be fitted")
    return nothing, nothing


def _variance(values: np.ndarray, counts: np.ndarray, centre: float) -> float:
    return float(((values - centre) ** 2) @ counts) / (counts.sum().item() - 1)


def delong_paired(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> Estimate:
    """Returns AUC of the first scores minus AUC of the second on the same rows, by paired DeLong."""
    of_first, of_second = _placed_rows(labels, first), _placed_rows(labels, second)
    differences = [a - b for a, b in zip(of_first, of_second, strict=True)]
    return paired_from_moments(
        float(differences[0].mean()),
        *(float(d.var(ddof=1)) / len(d) if len(d) > 1 else float("nan") for d in differences),
    )


def paired_from_moments(
    difference: float, of_positives: float, of_negatives: float
) -> Estimate:
    """Returns the paired difference from the variances of its two means of placements."""
    variance = of_positives + of_negatives
    if not isfinite(variance):
        return Estimate(difference, method="no interval: one row of a class")
    half = Z95 * sqrt(max(0.0, variance))
    return Estimate(difference, difference - half, difference + half, "paired DeLong")


def _placed_rows(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Placements row by row: positives' share of negatives below, negatives' share of positives above."""
    positive = labels.astype(bool)
    _, group = np.unique(scores, return_inverse=True)
    size = int(group.max()) + 1
    positives = np.bincount(group[positive], minlength=size)
    negatives = np.bincount(group[~positive], minlength=size)
    placed = placements(positives, negatives)
    return placed.below[group[positive]], placed.above[group[~positive]]
