"""The counts and sums of one group of yes-or-no predictions, from which its metrics and curves come."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from governance.metrics.statistics import Estimate, logistic_line

DECILES = 10
# Scores nearer to 0 or 1 count as this, since their log odds have no end.
SURE = 1e-12
# Log loss is cut off here, as scikit-learn does, so that one sure mistake is not infinite.
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Decisions:
    """How the decisions at the threshold turned out, in rows or in the weight of rows."""

    true_positives: float
    false_positives: float
    true_negatives: float
    false_negatives: float

    @property
    def predicted_positives(self) -> float:
        return self.true_positives + self.false_positives

    @property
    def predicted_negatives(self) -> float:
        return self.true_negatives + self.false_negatives

    @property
    def mistakes(self) -> float:
        return self.false_positives + self.false_negatives


@dataclass(frozen=True)
class Decile:
    """The rows whose score lies in one tenth of [0, 1]."""

    n: float
    positives: float
    score_total: float


@dataclass(frozen=True)
class Weights:
    """How many rows there are where rows weigh differently, and the sums of their squared weights."""

    rows: int
    positive_rows: int
    squares_of_positives: float
    squares_of_negatives: float


@dataclass(frozen=True)
class Worth:
    """What decisions cost where every row brings costs of its own.

    `total` and `squares` are of the decisions taken; `if_positive` and `if_negative` what each
    group of equal scores costs if decided so, and `squares_if_positive` and `squares_if_negative`
    the sums of squares over all rows if all were.
    """

    total: float
    squares: float
    if_positive: np.ndarray
    if_negative: np.ndarray
    squares_if_positive: float
    squares_if_negative: float


@dataclass(frozen=True)
class Tally:
    """Groups of rows by rising score, with the sums that are exact whatever the grouping.

    `single` marks groups that hold one score only. Where all do, the ranking is exact. Counts are
    rows, or sums of weights where `weights` is given.
    """

    scores: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray
    single: np.ndarray
    decisions: Decisions
    deciles: list[Decile]
    squared_error: float
    log_loss: float
    weights: Weights | None = None
    worth: Worth | None = None

    @cached_property
    def positive_count(self) -> float:
        return self.positives.sum().item()

    @cached_property
    def negative_count(self) -> float:
        return self.negatives.sum().item()

    @property
    def n(self) -> float:
        return self.positive_count + self.negative_count

    @property
    def ranking(self) -> str:
        """How finely rows were ranked: each score by itself, or in so many bins."""
        return "exact" if self.single.all() else f"{len(self.scores)} bins"

    @property
    def is_weighted(self) -> bool:
        return self.weights is not None

    @property
    def rows(self) -> int:
        return self.weights.rows if self.weights else int(self.n)

    @property
    def positive_rows(self) -> int:
        return self.weights.positive_rows if self.weights else int(self.positive_count)

    @property
    def has_both_classes(self) -> bool:
        return bool(self.positive_count and self.negative_count)

    @cached_property
    def design(self) -> float:
        """What to divide a weight by to get the number of equal rows that say as much (Kish 1965)."""
        if self.weights is None:
            return 1.0
        squares = self.weights.squares_of_positives + self.weights.squares_of_negatives
        return squares / self.n if self.n else 1.0

    @property
    def effective_positives(self) -> np.ndarray:
        return _effective(self.positives, self.weights and self.weights.squares_of_positives)

    @property
    def effective_negatives(self) -> np.ndarray:
        return _effective(self.negatives, self.weights and self.weights.squares_of_negatives)

    @cached_property
    def calibration_line(self) -> tuple[Estimate, Estimate]:
        """Intercept and slope of the label's log odds over the score's."""
        scores = np.clip(self.scores, SURE, 1 - SURE)
        odds = np.log(scores / (1 - scores))
        return logistic_line(odds, self.effective_positives, self.effective_negatives)

    @cached_property
    def auc_error(self) -> float:
        """The most by which the ROC AUC can differ from that of the unbinned scores."""
        pairs = self.positives[~self.single] @ self.negatives[~self.single]
        return float(pairs) / 2 / max(1, self.positive_count * self.negative_count)

    def sum_over_rows(self, of_positive: np.ndarray, of_negative: np.ndarray) -> float:
        """Sums a function of score and label, evaluated at the groups' scores."""
        return float(of_positive @ self.positives + of_negative @ self.negatives)


def _effective(counts: np.ndarray, squares: float | None) -> np.ndarray:
    total = counts.sum()
    return counts if not squares or not total else counts * (total / squares)


def tally_rows(
    scores: np.ndarray,
    labels: np.ndarray,
    threshold: float,
    weights: np.ndarray | None = None,
    costs: tuple[np.ndarray, np.ndarray] | None = None,
) -> Tally:
    """Tallies rows exactly, each score by itself.

    All arrays have one entry a row; `costs` are what the row costs if decided positive, and if
    decided negative.
    """
    positive = labels.astype(bool)
    distinct, group = np.unique(scores, return_inverse=True)
    size = len(distinct)

    def summed(values: np.ndarray | None, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        own = None if values is None else values[rows]
        return np.bincount(group[rows], weights=own, minlength=size)

    weigh = np.ones(len(scores), dtype=np.int64) if weights is None else weights
    right = np.clip(np.where(positive, scores, 1 - scores), SMALLEST_PROBABILITY, 1)
    predicted = scores >= threshold
    return Tally(
        scores=distinct,
        positives=summed(weights, positive),
        negatives=summed(weights, ~positive),
        single=np.ones(size, dtype=bool),
        decisions=decisions(positive, predicted, weigh),
        deciles=_deciles(scores, positive, weigh),
        squared_error=float(((scores - positive) ** 2) @ weigh),
        log_loss=float(-np.log(right) @ weigh),
        weights=None if weights is None else _weights(positive, weights),
        worth=None if costs is None else _worth(predicted, weigh, costs, summed),
    )


def decided_only(made: Decisions, weights: Weights | None) -> Tally:
    """A tally of decisions that were taken without a score; nothing in it is ranked."""
    return Tally(
        scores=np.zeros(1),
        positives=np.array([made.true_positives + made.false_negatives]),
        negatives=np.array([made.false_positives + made.true_negatives]),
        single=np.ones(1, dtype=bool),
        decisions=made,
        deciles=[],
        squared_error=0.0,
        log_loss=0.0,
        weights=weights,
    )


def decisions(
    positive: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None
) -> Decisions:
    weigh = np.ones(len(positive), dtype=np.int64) if weights is None else weights
    hits = weigh[positive & predicted].sum().item()
    false_alarms = weigh[~positive & predicted].sum().item()
    misses = weigh[positive & ~predicted].sum().item()
    return Decisions(hits, false_alarms, weigh[~positive & ~predicted].sum().item(), misses)


def _deciles(scores: np.ndarray, positive: np.ndarray, weigh: np.ndarray) -> list[Decile]:
    place = np.minimum((scores * DECILES).astype(np.int64), DECILES - 1)
    of_all, of_positives, totals = (
        np.bincount(place, weights=values, minlength=DECILES).tolist()
        for values in (weigh, weigh * positive, weigh * scores)
    )
    return [Decile(*values) for values in zip(of_all, of_positives, totals, strict=True)]


def _weights(positive: np.ndarray, weights: np.ndarray) -> Weights:
    squares = weights**2
    return Weights(
        rows=len(weights),
        positive_rows=int(positive.sum()),
        squares_of_positives=float(squares[positive].sum()),
        squares_of_negatives=float(squares[~positive].sum()),
    )


def _worth(predicted: np.ndarray, weigh: np.ndarray, costs: tuple, summed: object) -> Worth:
    if_positive, if_negative = costs
    taken = np.where(predicted, if_positive, if_negative)
    return Worth(
        total=float(taken @ weigh),
        squares=float(taken**2 @ weigh),
        if_positive=summed(if_positive * weigh),
        if_negative=summed(if_negative * weigh),
        squares_if_positive=float(if_positive**2 @ weigh),
        squares_if_negative=float(if_negative**2 @ weigh),
    )
