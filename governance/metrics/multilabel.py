"""Metrics of predictions of any number of labels a row, from sums over rows; judges no value."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from governance.metrics import binary, statistics
from governance.metrics.metric import Metric, Terms
from governance.metrics.statistics import Estimate, Sums
from governance.metrics.tally import Decisions, Tally


@dataclass(frozen=True)
class Labels:
    """The decisions about each label, the ranking of each over all rows, and weighted sums over rows.

    Of one row, h is how many labels were rightly predicted, t how many are true, p how many were
    predicted and m how many were mistaken, and u is h + m; `sums` has those sums by letter and
    those of their products by two letters; `all_right` is the weight of rows without a mistake.
    """

    decisions: dict[str, Decisions]
    rankings: dict[str, Tally]
    rows: int
    n: float
    squared_weights: float
    all_right: float
    sums: dict[str, float]
    is_weighted: bool = False

    @property
    def design(self) -> float:
        """What to divide a weight by to get the number of equal rows (Kish 1965)."""
        return self.squared_weights / self.n if self.n else 1.0

    def ratio(self, above: str, below: str) -> Estimate:
        """Returns a ratio of sums; rows are drawn whole, so labels of a row may hang together."""
        pair = "".join(sorted((above, below)))
        get = self.sums.__getitem__
        sums = Sums(self.n, get(above), get(below), get(above * 2), get(below * 2), get(pair))
        return statistics.ratio_of_sums(sums, self.design)


def _micro(above: str, below: str) -> Callable[[Labels, Terms], Estimate]:
    def compute(labels: Labels, terms: Terms) -> Estimate:
        return labels.ratio(above, below)

    return compute


def _f1_micro(labels: Labels, terms: Terms) -> Estimate:
    """F1 is a rising function of h / (h + m): that share's interval carries over."""
    share = labels.ratio("h", "u")
    if not share.has_interval:
        return share
    ends = (max(0.0, end) for end in (share.value, share.low, share.high))
    return Estimate(*(2 * end / (1 + end) for end in ends), f"{share.method}, transformed")


def _f1_macro(labels: Labels, terms: Terms) -> Estimate:
    made = labels.decisions.values()
    each = [
        2 * one.true_positives / (2 * one.true_positives + one.mistakes or 1) for one in made
    ]
    return Estimate(float(np.mean(each)), method="mean over the labels, no interval")


def _auc_macro(labels: Labels, terms: Terms) -> Estimate:
    if not labels.rankings:
        return Estimate(None, method="measured over all rows only")
    areas = [binary.auc(tally).value for tally in labels.rankings.values()]
    if None in areas:
        return Estimate(None, method="a label is always or never true")
    return Estimate(float(np.mean(areas)), method="mean over the labels, no interval")


def _subset(labels: Labels, terms: Terms) -> Estimate:
    return statistics.proportion(labels.all_right, labels.n, labels.design)


def _hamming(labels: Labels, terms: Terms) -> Estimate:
    many = len(labels.decisions)
    total, squares = labels.sums["m"] / many, labels.sums["mm"] / many**2
    return statistics.mean(total, squares, labels.n, labels.design)


def _n(labels: Labels, terms: Terms) -> Estimate:
    return Estimate(labels.rows, method="count")


UP = "higher"
MULTILABEL = (
    Metric("n", "Rows", "rows", "", "Rows measured.", _n, highest=inf),
    Metric(
        "subset_accuracy",
        "Subset accuracy",
        "share",
        UP,
        "Share of rows with every label right.",
        _subset,
        needs_threshold=True,
        share_of="rows",
    ),
    Metric(
        "hamming_loss",
        "Hamming loss",
        "share",
        "lower",
        "Mean share of a row's labels that are wrong.",
        _hamming,
        needs_threshold=True,
    ),
    Metric(
        "f1_micro",
        "F1, micro",
        "",
        UP,
        "F1 over all labels of all rows together.",
        _f1_micro,
        needs_threshold=True,
    ),
    Metric(
        "f1_macro",
        "F1, macro",
        "",
        UP,
        "Mean F1 over the labels.",
        _f1_macro,
        needs_threshold=True,
    ),
    Metric(
        "precision_micro",
        "Precision, micro",
        "share",
        UP,
        "Share of predicted labels that are true.",
        _micro("h", "p"),
        needs_threshold=True,
    ),
    Metric(
        "recall_micro",
        "Recall, micro",
        "share",
        UP,
        "Share of true labels that were predicted.",
        _micro("h", "t"),
        needs_threshold=True,
    ),
    Metric(
        "auc_macro", "ROC AUC, macro", "", UP, "Mean over the labels of ROC AUC.", _auc_macro
    ),
)
