"""Metrics of predicted numbers, computed from sums over rows; judges no value."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, sqrt

from governance.metrics import statistics
from governance.metrics.metric import Metric, Terms
from governance.metrics.statistics import Z95, Estimate


@dataclass(frozen=True)
class Errors:
    """Weighted sums over the rows of one group.

    e is the prediction minus the label and d the label minus `origin`, any number near the labels:
    sums of powers of d would lose their digits around labels far from 0. `relative` sums |e / label|
    over labels other than 0, `pinball` the loss of a forecast of the quantile.
    """

    rows: int
    n: float
    squared_weights: float
    zeros: int
    origin: float
    e: float
    e2: float
    e4: float
    absolute: float
    largest: float
    relative: float
    relative2: float
    pinball: float
    pinball2: float
    d: float
    d2: float
    d3: float
    d4: float
    e2d: float
    e2d2: float

    is_weighted: bool = False

    @property
    def design(self) -> float:
        """What to divide a weight by to get the number of equal rows (Kish 1965)."""
        return self.squared_weights / self.n if self.n else 1.0

    @property
    def spread(self) -> float:
        """Sum of the squared deviations of labels from their mean."""
        return max(0.0, self.d2 - self.d * self.d / self.n)


def _mean_of(total: str, squares: str) -> Callable[[Errors, Terms], Estimate]:
    def compute(errors: Errors, terms: Terms) -> Estimate:
        sums = getattr(errors, total), getattr(errors, squares)
        return statistics.mean(*sums, errors.n, errors.design)

    return compute


_mae = _mean_of("absolute", "e2")
_bias = _mean_of("e", "e2")
_pinball = _mean_of("pinball", "pinball2")


def _n(errors: Errors, terms: Terms) -> Estimate:
    return Estimate(errors.rows, method="count")


def _rmse(errors: Errors, terms: Terms) -> Estimate:
    """The root rises with the mean, so the ends of the mean's interval carry over."""
    squares = statistics.mean(errors.e2, errors.e4, errors.n, errors.design)
    if not squares.has_interval:
        return replace(squares, value=sqrt(squares.value))
    ends = (squares.value, max(0.0, squares.low), squares.high)
    return Estimate(*(sqrt(end) for end in ends), "normal, transformed")


def _mape(errors: Errors, terms: Terms) -> Estimate:
    if errors.zeros:
        return Estimate(None, method=f"undefined: {errors.zeros:,} labels are 0")
    return statistics.mean(errors.relative, errors.relative2, errors.n, errors.design)


def _r2(errors: Errors, terms: Terms) -> Estimate:
    """1 - A / B with A the mean squared error and B the variance, its error by linearisation."""
    rows = errors.n / errors.design
    b = errors.spread / errors.n
    if b <= 1e-12 * max(1e-300, errors.d2 / errors.n):
        return Estimate(None, method="undefined: all labels are the same")
    a = errors.e2 / errors.n
    if rows < 2:
        return Estimate(1 - a / b)
    e2c2, c4 = _about_the_mean(errors)
    variance = errors.e4 / errors.n / b**2 - 2 * a * e2c2 / b**3 + a**2 * c4 / b**4
    half = Z95 * sqrt(max(0.0, variance) / rows)
    return Estimate(1 - a / b, 1 - a / b - half, 1 - a / b + half, "linearised")


def _about_the_mean(errors: Errors) -> tuple[float, float]:
    """Means of e²c² and c⁴, where c is the label minus the mean label of the group."""
    n, m = errors.n, errors.d / errors.n
    e2c2 = (errors.e2d2 - 2 * m * errors.e2d + m * m * errors.e2) / n
    c4 = errors.d4 - 4 * m * errors.d3 + 6 * m * m * errors.d2 - 4 * m**3 * errors.d + n * m**4
    return e2c2, max(0.0, c4 / n)


def _largest(errors: Errors, terms: Terms) -> Estimate:
    return Estimate(errors.largest, method="largest seen, no interval")


LABEL = "unit of the label"
REGRESSION = (
    Metric("n", "Rows", "rows", "", "Rows measured.", _n, highest=inf),
    Metric(
        "mae",
        "Mean absolute error",
        LABEL,
        "lower",
        "Mean distance from the label.",
        _mae,
        highest=inf,
    ),
    Metric(
        "rmse",
        "Root mean squared error",
        LABEL,
        "lower",
        "Like the mean distance, but large misses weigh more.",
        _rmse,
        highest=inf,
    ),
    Metric(
        "r2",
        "R²",
        "",
        "higher",
        "Share of the labels' variance explained; 0 is as good as their mean, less is worse.",
        _r2,
        lowest=-inf,
    ),
    Metric(
        "mape",
        "Mean absolute percentage error",
        "share",
        "lower",
        "Mean distance as a share of the label; undefined where a label is 0.",
        _mape,
        highest=inf,
    ),
    Metric(
        "bias",
        "Mean error",
        LABEL,
        "",
        "Mean of prediction minus label; 0 is ideal.",
        _bias,
        lowest=-inf,
        highest=inf,
    ),
    Metric(
        "pinball",
        "Quantile loss",
        LABEL,
        "lower",
        "Mean pinball loss at the evaluation's quantile.",
        _pinball,
        highest=inf,
    ),
    Metric(
        "largest_error",
        "Largest error",
        LABEL,
        "lower",
        "The worst miss.",
        _largest,
        highest=inf,
    ),
)
