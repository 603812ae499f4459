"""The counts and sums of one group of rows from which every metric and curve is computed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

DECILES = 10
# Log loss is cut off here, as scikit-learn does, so that one sure mistake is not infinite.
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Decisions:
    """How the decisions at the threshold turned out."""

    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int

    @property
    def predicted_positives(self) -> int:
        return self.true_positives + self.false_positives

    @property
    def mistakes(self) -> int:
        return self.false_positives + self.false_negatives


@dataclass(frozen=True)
class Decile:
    """The rows whose score lies in one tenth of [0, 1]."""

    n: int
    positives: int
    score_total: float


@dataclass(frozen=True)
class Tally:
    """Groups of rows by rising score, with the sums that are exact whatever the grouping.

    `single` marks groups that hold one score only. Where all do, the ranking is exact.
    """

    scores: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray
    single: np.ndarray
    decisions: Decisions
    deciles: list[Decile]
    squared_error: float
    log_loss: float

    @cached_property
    def positive_count(self) -> int:
        return int(self.positives.sum())

    @cached_property
    def negative_count(self) -> int:
        return int(self.negatives.sum())

    @property
    def n(self) -> int:
        return self.positive_count + self.negative_count

    @property
    def has_both_classes(self) -> bool:
        return bool(self.positive_count and self.negative_count)

    @cached_property
    def auc_error(self) -> float:
        """The most by which the ROC AUC can differ from that of the unbinned scores."""
        pairs = self.positives[~self.single] @ self.negatives[~self.single]
        return float(pairs) / 2 / max(1, self.positive_count * self.negative_count)

    def sum_over_rows(self, of_positive: np.ndarray, of_negative: np.ndarray) -> float:
        """Sums a function of score and label, evaluated at the groups' scores."""
        return float(of_positive @ self.positives + of_negative @ self.negatives)


def tally_rows(scores: np.ndarray, labels: np.ndarray, threshold: float) -> Tally:
    """Tallies rows exactly, each score by itself."""
    positive = labels.astype(bool)
    distinct, group = np.unique(scores, return_inverse=True)
    size = len(distinct)
    decile = np.minimum((scores * DECILES).astype(np.int64), DECILES - 1)
    right = np.clip(np.where(positive, scores, 1 - scores), SMALLEST_PROBABILITY, 1)
    return Tally(
        scores=distinct,
        positives=np.bincount(group[positive], minlength=size),
        negatives=np.bincount(group[~positive], minlength=size),
        single=np.ones(size, dtype=bool),
        decisions=decisions(positive, scores >= threshold),
        deciles=[
            Decile(int(n), int(p), float(total))
            for n, p, total in zip(
                np.bincount(decile, minlength=DECILES),
                np.bincount(decile[positive], minlength=DECILES),
                np.bincount(decile, weights=scores, minlength=DECILES),
                strict=True,
            )
        ],
        squared_error=float(((scores - positive) ** 2).sum()),
        log_loss=float(-np.log(right).sum()),
    )


def decisions(positive: np.ndarray, predicted: np.ndarray) -> Decisions:
    hits = int((positive & predicted).sum())
    false_alarms = int(predicted.sum()) - hits
    misses = int(positive.sum()) - hits
    return Decisions(hits, false_alarms, len(positive) - hits - false_alarms - misses, misses)
