"""How groups of people fare, from the figures of their slices: ratios and gaps, never one verdict.

Rates are those of the favourable decision. Where the negative decision is favourable, those who
deserve it are the negatives: the rate among them is the specificity, the rate of undeserved favours
is the share of positives decided negative, and what a favour is worth is the negative predictive
value. The ratio to look at is a screening value, no judgement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from governance.metrics import statistics
from governance.metrics.statistics import Estimate

SCREENING = 0.80
# Below it a group is named as too small instead of compared (see the minimum sizes of slices).
FEWEST = 30


@dataclass(frozen=True)
class Rates:
    """Which metric says what, by the decision that is favourable."""

    selected: str
    deserved: str
    undeserved: str
    right: str


BY_FAVOURABLE = {
    "positive": Rates("selection_rate", "recall", "fpr", "precision"),
    "negative": Rates("selection_rate", "specificity", "fnr", "npv"),
}


@dataclass(frozen=True)
class Group:
    """The figures of one slice by metric, and on how many rows they stand."""

    name: str
    n: int
    positives: int | None
    figures: Mapping[str, Estimate]

    def counted(self, metric: str) -> int:
        """How many rows the rate is a share of; all of the group where that is not known."""
        positives = self.positives or 0
        selected = self.get("selection_rate")
        if metric in ("recall", "fnr"):
            return positives
        if metric in ("specificity", "fpr"):
            return self.n - positives
        if metric in ("precision", "npv") and selected:
            return round(selected.value * self.n)
        return self.n

    def get(self, metric: str) -> Estimate | None:
        """The figure of a metric if it has a value."""
        found = self.figures.get(metric)
        return found if found and found.value is not None else None


@dataclass(frozen=True)
class Between:
    """One comparison of the groups: what it is, its value, and between which two groups.

    `n` is how many rows both rates are shares of. Of more than two groups the extremes are taken,
    and the interval does not count that choice.
    """

    key: str
    title: str
    value: float
    low: float | None
    high: float | None
    method: str
    n: int
    lowest: str
    highest: str

    @property
    def is_under_screening(self) -> bool:
        return self.key == "selection_rate_ratio" and self.value < SCREENING


@dataclass(frozen=True)
class Calibration:
    """How well scores fit in one group: label minus score on average, and the calibration error."""

    group: str
    n: int
    in_the_large: Estimate | None
    error: Estimate | None


@dataclass(frozen=True)
class Fairness:
    """What is found between the groups of one field, and which groups were too few."""

    field: str
    comparisons: list[Between]
    calibration: list[Calibration]
    too_few: list[str]


def fairness(field: str, groups: Sequence[Group], favourable: str) -> Fairness:
    """Compares the groups of a field that are large enough."""
    large = [group for group in groups if group.n >= FEWEST]
    rates = BY_FAVOURABLE[favourable]
    found = [
        _ratio(large, rates.selected),
        _gap(large, rates.selected, "selection_rate_gap", "Selection rate gap"),
        _gap(large, rates.deserved, "equal_opportunity_gap", "Equal opportunity gap"),
        _equalised_odds(large, rates),
        _gap(large, rates.right, "predictive_parity_gap", "Predictive parity gap"),
    ]
    return Fairness(
        field,
        [one for one in found if one],
        [_calibration(group) for group in large],
        [f"{group.name} (n={group.n})" for group in groups if group.n < FEWEST],
    )


def _calibration(group: Group) -> Calibration:
    return Calibration(
        group.name, group.n, group.get("calibration_in_the_large"), group.get("ece")
    )


def _extremes(groups: Sequence[Group], metric: str) -> tuple[Group, Group] | None:
    """The groups with the lowest and the highest rate, of those that have one."""
    measured = [group for group in groups if group.get(metric)]
    if len(measured) < 2:
        return None
    ordered = sorted(measured, key=lambda group: group.figures[metric].value)
    return ordered[0], ordered[-1]


def _ratio(groups: Sequence[Group], metric: str) -> Between | None:
    ends = _extremes(groups, metric)
    if ends is None:
        return None
    lowest, highest = ends
    shares = [group.figures[metric].value for group in ends]
    if not shares[1]:
        return None
    hits = [round(share * group.n) for share, group in zip(shares, ends, strict=True)]
    found = statistics.ratio(shares[0], hits[0], shares[1], hits[1])
    return Between(
        "selection_rate_ratio",
        "Selection rate ratio",
        found.value,
        found.low,
        found.high,
        found.method,
        lowest.n + highest.n,
        lowest.name,
        highest.name,
    )


def _gap(groups: Sequence[Group], metric: str, key: str, title: str) -> Between | None:
    """Highest minus lowest; the groups' own intervals are joined by Newcombe's method."""
    ends = _extremes(groups, metric)
    if ends is None:
        return None
    lowest, highest = ends
    found = gap(highest.figures[metric], lowest.figures[metric])
    return Between(
        key,
        title,
        found.value,
        found.low,
        found.high,
        found.method,
        lowest.counted(metric) + highest.counted(metric),
        lowest.name,
        highest.name,
    )


def gap(high: Estimate, low: Estimate) -> Estimate:
    """Returns one share minus another of other rows, with Newcombe's interval."""
    value = high.value - low.value
    if not (high.has_interval and low.has_interval):
        return Estimate(value)
    down = sqrt((high.value - high.low) ** 2 + (low.high - low.value) ** 2)
    up = sqrt((high.high - high.value) ** 2 + (low.value - low.low) ** 2)
    return Estimate(value, value - down, value + up, "Newcombe")


def _equalised_odds(groups: Sequence[Group], rates: Rates) -> Between | None:
    """The larger of the gaps among those who deserve the favour and those who do not."""
    key, title = "equalised_odds_gap", "Equalised odds gap"
    gaps = [_gap(groups, rate, key, title) for rate in (rates.deserved, rates.undeserved)]
    return max((one for one in gaps if one), key=lambda one: one.value, default=None)
