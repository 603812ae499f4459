"""Two versions on identical rows: the difference of every metric, first minus second, with interval.

What depends on decisions comes from eight counts (label, first decision, second decision); means
from sums of differences; rankings from the rows themselves or from DeLong's placements.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from governance.metrics import bootstrap, statistics
from governance.metrics.binary import correlation_of
from governance.metrics.statistics import Estimate

MEAN = "paired mean difference"
BOOTSTRAP = f"paired {bootstrap.METHOD}"
# Rankings are resampled row by row; beyond so many rows that takes longer than it is worth.
MOST_ROWS = 5_000
TOO_MANY = f"no interval: more than {MOST_ROWS:,} rows"
DRAWS_AT_ONCE = 200

Rates = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sum:
    """Sum over rows of a difference, and of its square; weighted where rows are."""

    total: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True)
class Pairs:
    """The rows of one group: how often labels and both decisions meet, and sums of differences.

    `cells` is indexed by label, first decision, second decision. `sums` has what is averaged by
    its name: brier, logloss, score, and cost where there are costs. `design` is the weight of one
    equal row.
    """

    rows: int
    cells: np.ndarray
    sums: Mapping[str, Sum] = field(default_factory=dict)
    design: float = 1.0

    @property
    def n(self) -> float:
        return float(self.cells.sum())


def differences(pairs: Pairs, favourable: str) -> dict[str, Estimate]:
    """Returns the differences of all metrics that need no ranking, by metric."""
    found = {key: _share(pairs, *rule) for key, rule in _shares(favourable).items()}
    found |= {key: _drawn(pairs, rate) for key, rate in DRAWN.items()}
    found |= {
        key: _mean(pairs.sums[key], pairs) for key in ("logloss", "brier") if key in pairs.sums
    }
    if "score" in pairs.sums:
        found["calibration_in_the_large"] = _scaled(_mean(pairs.sums["score"], pairs), -1)
    if "brier" in found:
        found["brier_skill"] = _skill(pairs, found["brier"])
    if "cost" in pairs.sums:
        found["cost"] = _mean(pairs.sums["cost"], pairs)
        found["cost_total"] = _scaled(found["cost"], pairs.n)
    return found


def _mean(found: Sum, pairs: Pairs) -> Estimate:
    estimate = statistics.mean(found.total, found.squares, pairs.n, pairs.design)
    return Estimate(estimate.value, estimate.low, estimate.high, MEAN)


def _scaled(estimate: Estimate, by: float) -> Estimate:
    if estimate.value is None or not estimate.has_interval:
        return Estimate(estimate.value and estimate.value * by, method=estimate.method)
    ends = sorted((estimate.low * by, estimate.high * by))
    return Estimate(estimate.value * by, *ends, estimate.method)


def _skill(pairs: Pairs, brier: Estimate) -> Estimate:
    """Labels are the same for both, so the skill differs as the Brier scores do, in its unit."""
    share = float(pairs.cells[1].sum()) / pairs.n if pairs.n else 0.0
    if not 0 < share < 1:
        return Estimate(None, method="one class only")
    return _scaled(brier, -1 / (share * (1 - share)))


# decisions counted in one stratum: the difference of two shares is a mean over its rows


def _shares(
    favourable: str,
) -> dict[str, tuple[tuple[int, ...], Callable[[int, int], bool], str]]:
    """By metric: which labels it looks at, which decision counts, and what to say if none has one."""
    selected = favourable == "positive"
    return {
        "accuracy": ((0, 1), lambda label, made: label == made, "no rows"),
        "recall": ((1,), lambda label, made: bool(made), "no positives"),
        "fnr": ((1,), lambda label, made: not made, "no positives"),
        "specificity": ((0,), lambda label, made: not made, "no negatives"),
        "fpr": ((0,), lambda label, made: bool(made), "no negatives"),
        "selection_rate": ((0, 1), lambda label, made: bool(made) == selected, "no rows"),
    }


def _share(
    pairs: Pairs, labels: tuple[int, ...], counts: Callable[[int, int], bool], nothing: str
) -> Estimate:
    worth = np.zeros((2, 2, 2))
    mask = np.zeros((2, 2, 2))
    for label in labels:
        for first in (0, 1):
            for second in (0, 1):
                worth[label, first, second] = counts(label, first) - counts(label, second)
                mask[label, first, second] = 1
    own = pairs.cells * mask
    if not own.sum():
        return Estimate(None, method=nothing)
    total, squares = float((own * worth).sum()), float((own * worth**2).sum())
    estimate = statistics.mean(total, squares, float(own.sum()), pairs.design)
    return Estimate(estimate.value, estimate.low, estimate.high, MEAN)


# decisions taken together: eight cells are drawn again


def _precision(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    return positive[:, 1] / (positive[:, 1] + negative[:, 1])


def _npv(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    return negative[:, 0] / (positive[:, 0] + negative[:, 0])


def _f1(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    return 2 * positive[:, 1] / (2 * positive[:, 1] + positive[:, 0] + negative[:, 1])


def _balanced(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    found = positive[:, 1] / positive.sum(axis=1)
    return (found + negative[:, 0] / negative.sum(axis=1)) / 2


def _mcc(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    return correlation_of([positive[:, ::-1], negative[:, ::-1]])


# Each takes counts by decision (negative, positive) among positives and among negatives, by draw.
DRAWN: dict[str, Rates] = {
    "precision": _precision,
    "npv": _npv,
    "f1": _f1,
    "mcc": _mcc,
    "balanced_accuracy": _balanced,
}


def _drawn(pairs: Pairs, rate: Rates) -> Estimate:
    def difference(drawn: list[np.ndarray]) -> np.ndarray:
        negative, positive = (cells.reshape(-1, 2, 2) for cells in drawn)
        first = rate(positive.sum(axis=2), negative.sum(axis=2))
        return first - rate(positive.sum(axis=1), negative.sum(axis=1))

    strata = [pairs.cells[label].reshape(4) / pairs.design for label in (0, 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(difference([cells[None] for cells in strata])[0])
    found = bootstrap.estimate(value, strata, difference)
    return Estimate(
        found.value, found.low, found.high, BOOTSTRAP if found.has_interval else found.method
    )


# the ratio between two groups


def selection_rate(pairs: Pairs, favourable: str) -> float:
    """Share of the group that the first version decides favourably."""
    return float(pairs.cells[:, int(favourable == "positive")].sum()) / pairs.n


def ratio_difference(lowest: Pairs, highest: Pairs, favourable: str) -> Estimate:
    """Returns how the ratio of two groups' selection rates differs between the versions."""
    selected = int(favourable == "positive")

    def difference(drawn: list[np.ndarray]) -> np.ndarray:
        rates = []
        for cells in drawn:
            made = cells.reshape(-1, 2, 2, 2)
            whole = cells.sum(axis=1)
            rates.append(
                (
                    made[:, :, selected].sum(axis=(1, 2)),
                    made[..., selected].sum(axis=(1, 2)),
                    whole,
                )
            )
        (low_first, low_second, low), (high_first, high_second, high) = rates
        first = (low_first / low) / (high_first / high)
        return first - (low_second / low) / (high_second / high)

    strata = [pairs.cells.reshape(8) / pairs.design for pairs in (lowest, highest)]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(difference([cells[None] for cells in strata])[0])
    found = bootstrap.estimate(value, strata, difference)
    return Estimate(
        found.value, found.low, found.high, BOOTSTRAP if found.has_interval else found.method
    )


# rankings


def ranked(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> dict[str, Estimate]:
    """Returns the differences of what ranks or bins scores, from the rows of one group."""
    positive = labels.astype(bool)
    if positive.all() or not positive.any():
        nothing = Estimate(None, method="one class only")
        return dict.fromkeys(("auc", "gini", *ROWWISE), nothing)
    found = of_area(statistics.delong_paired(positive, first, second))
    if len(labels) > MOST_ROWS:
        return found
    return found | _resampled(positive, first, second)


def of_area(area: Estimate) -> dict[str, Estimate]:
    """The Gini is twice the area minus one, so its difference is twice that of the area."""
    return {"auc": area, "gini": _scaled(area, 2)}


def _resampled(
    positive: np.ndarray, first: np.ndarray, second: np.ndarray
) -> dict[str, Estimate]:
    sides = [_Side(positive, scores) for scores in (first, second)]
    once = np.ones((1, len(positive)))
    values = {key: _between(sides, key, once)[0] for key in ROWWISE}
    random = np.random.default_rng(bootstrap.SEED)
    drawn: dict[str, list[np.ndarray]] = {key: [] for key in ROWWISE}
    for _ in range(bootstrap.DRAWS // DRAWS_AT_ONCE):
        weights = np.zeros((DRAWS_AT_ONCE, len(positive)))
        for own in (positive, ~positive):
            n = int(own.sum())
            weights[:, own] = random.multinomial(n, np.full(n, 1 / n), size=DRAWS_AT_ONCE)
        for key in ROWWISE:
            drawn[key].append(_between(sides, key, weights))
    return {
        key: Estimate(
            float(values[key]),
            *map(float, np.quantile(np.concatenate(drawn[key]), [0.025, 0.975])),
            BOOTSTRAP,
        )
        for key in ROWWISE
    }


def _between(sides: list["_Side"], key: str, weights: np.ndarray) -> np.ndarray:
    first, second = (getattr(side, key)(weights) for side in sides)
    return first - second


# The calibration error is not among them: it grows with noise, so draws of it cover far too seldom.
ROWWISE = ("ks", "pr_auc")


class _Side:
    """One version's scores, put in order once, so that each draw costs no sorting."""

    def __init__(self, positive: np.ndarray, scores: np.ndarray) -> None:
        self._order = np.argsort(-scores, kind="stable")
        ordered = scores[self._order]
        self._ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        self._positive = positive[self._order].astype(float)

    def _cumulated(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positives and negatives at or above each distinct score, strictest first."""
        ordered = weights[:, self._order]
        hits = np.cumsum(ordered * self._positive, axis=1)[:, self._ends]
        return hits, np.cumsum(ordered, axis=1)[:, self._ends] - hits

    def pr_auc(self, weights: np.ndarray) -> np.ndarray:
        hits, alarms = self._cumulated(weights)
        decided = hits + alarms
        precision = np.divide(hits, decided, out=np.zeros_like(hits), where=decided > 0)
        return (precision * np.diff(hits, axis=1, prepend=0)).sum(axis=1) / hits[:, -1]

    def ks(self, weights: np.ndarray) -> np.ndarray:
        hits, alarms = self._cumulated(weights)
        return np.abs(hits / hits[:, -1:] - alarms / alarms[:, -1:]).max(axis=1)
