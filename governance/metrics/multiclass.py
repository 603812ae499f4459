"""Metrics of predictions of one class of several, computed from a confusion matrix; judges no value."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

import numpy as np

from governance.metrics import binary, bootstrap, statistics
from governance.metrics.metric import Metric, Terms
from governance.metrics.statistics import Estimate
from governance.metrics.tally import Decisions, Tally

# Takes confusion matrices (draws, classes, classes) and returns one value for each.
Average = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Confusion:
    """How often each class (row) was taken for each class (column), in weight and in rows.

    `log_loss` holds the sum of the surprise at the label and the sum of its squares; `tallies` the
    ranking of each class against the rest: both only where the file has a score for every class.
    """

    classes: list[str]
    counts: np.ndarray
    row_counts: np.ndarray
    squared_weights: float
    log_loss: tuple[float, float] | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)
    is_weighted: bool = False

    @property
    def rows(self) -> int:
        return int(self.row_counts.sum())

    @cached_property
    def n(self) -> float:
        return self.counts.sum().item()

    @property
    def design(self) -> float:
        """What to divide a weight by to get the number of equal rows (Kish 1965)."""
        return self.squared_weights / self.n if self.n else 1.0


def one_against_the_rest(confusion: Confusion, place: int) -> Decisions:
    """The decisions about one class."""
    counts = confusion.counts
    hits = counts[place, place].item()
    alarms, misses = counts[:, place].sum().item() - hits, counts[place].sum().item() - hits
    return Decisions(hits, alarms, confusion.n - hits - alarms - misses, misses)


# averages over classes; each takes matrices (…, classes, classes) and returns one value for each


def _shares(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A class that is never there (or never predicted) counts as 0, as in scikit-learn."""
    return np.divide(part, whole, out=np.zeros(part.shape, dtype=float), where=whole > 0)


def _diagonal(counts: np.ndarray) -> np.ndarray:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _recalls(counts: np.ndarray) -> np.ndarray:
    return _shares(_diagonal(counts), counts.sum(axis=-1))


def _precisions(counts: np.ndarray) -> np.ndarray:
    return _shares(_diagonal(counts), counts.sum(axis=-2))


def _f1s(counts: np.ndarray) -> np.ndarray:
    return _shares(2 * _diagonal(counts), counts.sum(axis=-1) + counts.sum(axis=-2))


def _macro(of: Callable) -> Callable:
    """The plain mean over the classes that are labelled or predicted."""

    def average(counts: np.ndarray) -> np.ndarray:
        present = (counts.sum(axis=-1) + counts.sum(axis=-2)) > 0
        return (of(counts) * present).sum(axis=-1) / np.maximum(present.sum(axis=-1), 1)

    return average


def _weighted(of: Callable) -> Callable:
    """The mean weighted by how often a class is the label."""

    def average(counts: np.ndarray) -> np.ndarray:
        support = counts.sum(axis=-1)
        return (of(counts) * support).sum(axis=-1) / np.maximum(support.sum(axis=-1), 1e-300)

    return average


def _balanced(counts: np.ndarray) -> np.ndarray:
    labelled = counts.sum(axis=-1) > 0
    return (_recalls(counts) * labelled).sum(axis=-1) / np.maximum(labelled.sum(axis=-1), 1)


def _mcc(counts: np.ndarray) -> np.ndarray:
    """Gorodkin's R_K (2004)."""
    counts = counts.astype(float)
    n, hits = counts.sum(axis=(-1, -2)), _diagonal(counts).sum(axis=-1)
    truth, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    above = hits * n - (truth * predicted).sum(axis=-1)
    below = np.sqrt((n**2 - (predicted**2).sum(axis=-1)) * (n**2 - (truth**2).sum(axis=-1)))
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _kappa(counts: np.ndarray) -> np.ndarray:
    counts = counts.astype(float)
    n = counts.sum(axis=(-1, -2))
    agreed = _diagonal(counts).sum(axis=-1) / n
    by_chance = (counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1) / n**2
    return np.divide(
        agreed - by_chance, 1 - by_chance, out=np.zeros_like(n), where=by_chance < 1
    )


def _drawn(of: Average) -> Callable[[Confusion, Terms], Estimate]:
    """Gives an average the interval of the bootstrap: the cells of every label are drawn again."""

    def compute(confusion: Confusion, terms: Terms) -> Estimate:
        strata = list(confusion.counts / confusion.design)
        value = float(of(confusion.counts[None])[0])
        return bootstrap.estimate(value, strata, lambda drawn: of(np.stack(drawn, axis=1)))

    return compute


AVERAGES: dict[str, Average] = {
    "balanced_accuracy": _balanced,
    "f1_macro": _macro(_f1s),
    "f1_weighted": _weighted(_f1s),
    "precision_macro": _macro(_precisions),
    "precision_weighted": _weighted(_precisions),
    "recall_macro": _macro(_recalls),
    "mcc": _mcc,
    "kappa": _kappa,
}


def _n(confusion: Confusion, terms: Terms) -> Estimate:
    return Estimate(confusion.rows, method="count")


def _accuracy(confusion: Confusion, terms: Terms) -> Estimate:
    hits = _diagonal(confusion.counts).sum().item()
    return statistics.proportion(hits, confusion.n, confusion.design)


def _log_loss(confusion: Confusion, terms: Terms) -> Estimate:
    if confusion.log_loss is None:
        return Estimate(None, method="the file has no scores of the classes")
    return statistics.mean(*confusion.log_loss, confusion.n, confusion.design)


def _auc_macro(confusion: Confusion, terms: Terms) -> Estimate:
    if not confusion.tallies:
        return Estimate(None, method="needs scores of the classes, over all rows")
    areas = [binary.auc(tally).value for tally in confusion.tallies.values()]
    if None in areas:
        return Estimate(None, method="a class is missing")
    return Estimate(
        float(np.mean(areas)), method="mean of each class against the rest, no interval"
    )


UP = "higher"
MULTICLASS = (
    Metric("n", "Rows", "rows", "", "Rows measured.", _n, highest=inf),
    Metric(
        "accuracy", "Accuracy", "share", UP, "Share decided right.", _accuracy, share_of="rows"
    ),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        "share",
        UP,
        "Mean recall over the classes.",
        _drawn(AVERAGES["balanced_accuracy"]),
    ),
    Metric(
        "f1_macro",
        "F1, macro",
        "",
        UP,
        "Mean F1 over the classes.",
        _drawn(AVERAGES["f1_macro"]),
    ),
    Metric(
        "f1_weighted",
        "F1, weighted",
        "",
        UP,
        "Mean F1, each class by its share of labels.",
        _drawn(AVERAGES["f1_weighted"]),
    ),
    Metric(
        "precision_macro",
        "Precision, macro",
        "share",
        UP,
        "Mean precision over the classes.",
        _drawn(AVERAGES["precision_macro"]),
    ),
    Metric(
        "precision_weighted",
        "Precision, weighted",
        "share",
        UP,
        "Mean precision, each class by its share of labels.",
        _drawn(AVERAGES["precision_weighted"]),
    ),
    Metric(
        "recall_macro",
        "Recall, macro",
        "share",
        UP,
        "Mean recall over the classes that are labelled or predicted.",
        _drawn(AVERAGES["recall_macro"]),
    ),
    Metric(
        "mcc",
        "Matthews correlation",
        "",
        UP,
        "Correlation of predicted with true classes; 0 is chance.",
        _drawn(AVERAGES["mcc"]),
        lowest=-1,
    ),
    Metric(
        "kappa",
        "Cohen's kappa",
        "",
        UP,
        "Agreement with the labels beyond chance.",
        _drawn(AVERAGES["kappa"]),
        lowest=-1,
    ),
    Metric(
        "auc_macro",
        "ROC AUC, macro",
        "",
        UP,
        "Mean over the classes of ROC AUC against the rest.",
        _auc_macro,
    ),
    Metric(
        "logloss",
        "Log loss",
        "nats",
        "lower",
        "Mean surprise at the label.",
        _log_loss,
        highest=inf,
    ),
)

# What is measured of each class against the rest, and what of that needs scores of the classes.
RANKED = ("auc", "pr_auc")
OF_A_CLASS = tuple(
    metric
    for metric in binary.BINARY
    if metric.key in ("n", "prevalence", "precision", "recall", "f1", "fpr", *RANKED)
)
OF_A_DECISION = tuple(metric for metric in OF_A_CLASS if metric.key not in RANKED)
