"""The figures that rules are held against: measured ones, and ratios and gaps between groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from governance.metrics import fairness, statistics
from governance.metrics.drift import STEADY_FROM
from governance.metrics.metric import HIDDEN_UNDER
from governance.metrics.statistics import Estimate
from governance.policies import vocabulary
from governance.policies.rules import Rule

# The name under which comparisons of two versions give the ratio of two groups' selection rates.
PAIRED_RATIO = "selection_rate_ratio"


@dataclass(frozen=True)
class Figure:
    """One value with its interval, and on how many rows it stands.

    Drift has no interval but `chance`: what samples of this size seldom exceed without any drift.
    """

    metric: str
    slice_field: str = ""
    slice_value: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    positives: int | None = None
    chance: float | None = None

    @property
    def label(self) -> str:
        return f"{self.slice_field} = {self.slice_value}" if self.slice_field else ""

    @property
    def is_defined(self) -> bool:
        return self.value is not None and isfinite(self.value)

    @property
    def is_hidden(self) -> bool:
        return not self.is_defined and self.n is not None and self.n < HIDDEN_UNDER

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, or None where no interval can be given."""
        ends = (self.low, self.high)
        return ends if all(end is not None and isfinite(end) for end in ends) else None

    def shortage(self, rule: Rule) -> str:
        """Says what the rule needs and this figure lacks; empty when nothing."""
        if self.is_hidden:
            return f"has fewer than {HIDDEN_UNDER} rows and is hidden"
        if rule.needs_rows and (self.n or 0) < rule.needs_rows:
            return f"has {self.n or 0} of the {rule.needs_rows} rows needed"
        if rule.needs_positives and (self.positives or 0) < rule.needs_positives:
            return f"has {self.positives or 0} of the {rule.needs_positives} positives needed"
        return ""

    @property
    def may_be_chance(self) -> bool:
        """Whether a drift on few rows is no larger than two equal samples often show."""
        if self.chance is None or not self.is_defined:
            return False
        return (self.n or 0) < STEADY_FROM and self.value <= self.chance


@dataclass(frozen=True)
class Difference:
    """Candidate minus baseline on identical rows, with its paired interval if there is one."""

    metric: str
    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    n: int = 0
    sentence: str = ""
    slice_field: str = ""
    slice_value: str = ""

    @property
    def interval(self) -> tuple[float, float] | None:
        ends = (self.low, self.high)
        return ends if all(end is not None and isfinite(end) for end in ends) else None

    @property
    def is_told_apart(self) -> bool:
        """Whether the interval leaves out zero; without an interval nothing can be told."""
        ends = self.interval
        return ends is not None and not ends[0] <= 0 <= ends[1]


@dataclass(frozen=True)
class Measurements:
    """All figures of one evaluation, and how old its data were at the judgement.

    `missing` says why a measure could not be taken, by its text, as in "psi(age)".
    """

    figures: Sequence[Figure] = ()
    age_days: int | None = None
    missing: Mapping[str, str] = field(default_factory=dict)

    def find(self, metric: str, slice_field: str = "", slice_value: str = "") -> Figure | None:
        wanted = (metric, slice_field, slice_value)
        return next(
            (
                one
                for one in self.figures
                if (one.metric, one.slice_field, one.slice_value) == wanted
            ),
            None,
        )

    def groups(self, metric: str, slice_field: str) -> list[Figure]:
        return [
            one
            for one in self.figures
            if one.metric == metric and one.slice_field == slice_field
        ]


@dataclass(frozen=True)
class Baseline:
    """What the version is compared with.

    "none": there is nothing to compare with yet; "unmeasured": there is, but not on these rows.
    """

    state: Literal["none", "unmeasured", "measured"] = "none"
    label: str = ""
    sentence: str = "no version has been blessed before"
    measurements: Measurements = field(default_factory=Measurements)
    differences: Sequence[Difference] = ()

    def difference(
        self, metric: str, slice_field: str = "", slice_value: str = ""
    ) -> Difference | None:
        wanted = (metric, slice_field, slice_value)
        return next(
            (
                one
                for one in self.differences
                if (one.metric, one.slice_field, one.slice_value) == wanted
            ),
            None,
        )

    def difference_of_groups(self, rule: Rule, figure: Figure) -> Difference | None:
        """The paired difference of a ratio between the same two groups; gaps are not paired."""
        if not rule.is_relative or (rule.measure, rule.metric) != ("ratio", "selection_rate"):
            return None
        return self.difference(PAIRED_RATIO, figure.slice_field, figure.slice_value)


@dataclass(frozen=True)
class Compared:
    """A ratio or gap between the groups that are large enough, and the groups left out."""

    figure: Figure | None
    left_out: tuple[str, ...] = ()


def compare_groups(rule: Rule, measurements: Measurements) -> Compared | None:
    """Returns the figure of ratio() or gap(); None where the field was not measured."""
    groups = measurements.groups(rule.metric, rule.field)
    if not groups:
        return None
    left_out = [f"{one.label} {short}" for one in groups if (short := one.shortage(rule))]
    large = [one for one in groups if not one.shortage(rule)]
    if len(large) < 2:
        return Compared(None, tuple(left_out) or (f"{groups[0].label} is the only group",))
    if not all(one.is_defined for one in large):
        return Compared(_nothing(rule, large), tuple(left_out))
    lowest = min(large, key=lambda one: one.value)
    highest = max(large, key=lambda one: one.value)
    between = _ratio if rule.measure == "ratio" else _gap
    return Compared(between(rule, lowest, highest, large), tuple(left_out))


def _nothing(rule: Rule, groups: Sequence[Figure]) -> Figure:
    return Figure(rule.metric, n=sum(one.n or 0 for one in groups))


def _ratio(rule: Rule, lowest: Figure, highest: Figure, groups: Sequence[Figure]) -> Figure:
    hits = [_hits(one) for one in (lowest, highest)]
    if None in hits:
        value = lowest.value / highest.value if highest.value else None
        return _between(rule, lowest, highest, groups, value)
    estimate = statistics.ratio(lowest.value, hits[0], highest.value, hits[1])
    ends = (estimate.low, estimate.high)
    return _between(rule, lowest, highest, groups, estimate.value, *ends)


def _gap(rule: Rule, lowest: Figure, highest: Figure, groups: Sequence[Figure]) -> Figure:
    """Joins the two groups' own intervals (Newcombe's method for a difference of shares)."""
    high, low = (
        Estimate(one.value, *(one.interval or (None, None))) for one in (highest, lowest)
    )
    found = fairness.gap(high, low)
    return _between(rule, lowest, highest, groups, found.value, found.low, found.high)


def _between(
    rule: Rule,
    lowest: Figure,
    highest: Figure,
    groups: Sequence[Figure],
    value: float | None,
    low: float | None = None,
    high: float | None = None,
) -> Figure:
    return Figure(
        rule.metric,
        rule.field,
        f"{lowest.slice_value} against {highest.slice_value}",
        value,
        low,
        high,
        sum(one.n or 0 for one in groups),
        sum(one.positives or 0 for one in groups),
    )


def _hits(group: Figure) -> int | None:
    """Returns how many cases the rate counts, where its denominator is known."""
    positives, n = group.positives or 0, group.n or 0
    denominator = {"rows": n, "positives": positives, "negatives": n - positives}.get(
        vocabulary.RATES[group.metric]
    )
    return None if denominator is None else round(group.value * denominator)
