"""Rules and measurements to a verdict: pure functions, no database, nothing remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf

from governance.blessing import wording
from governance.blessing.figures import (
    Baseline,
    Difference,
    Figure,
    Measurements,
    compare_groups,
)
from governance.blessing.verdicts import EXCUSABLE, FATAL, WORST_FIRST, Outcome, Verdict
from governance.policies.rules import Comparison, Mode, Rule, Severity, render_measure
from governance.policies.vocabulary import AGE

# 0.80 - 0.01 is 0.7900000000000000355 in binary: an exact tie must not fail for the last bit.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Part:
    """One figure held against the rule's bounds; a rule about groups has one for each."""

    outcome: Outcome
    figure: Figure | None = None
    low_bound: float = -inf
    high_bound: float = inf
    why: str = ""
    difference: Difference | None = None
    baseline_value: float | None = None

    @property
    def margin(self) -> float:
        """How far the value lies inside the bounds; negative outside."""
        if self.figure is None or not self.figure.is_defined:
            return -inf
        return min(self.figure.value - self.low_bound, self.high_bound - self.figure.value)


@dataclass(frozen=True)
class Exemption:
    """A granted exception as the judge sees it: the rule's canonical text, and its last day."""

    id: int
    text: str
    until: date


@dataclass(frozen=True)
class Result:
    """What one rule said, and its sentence; an exemption never changes the outcome."""

    rule: Rule
    outcome: Outcome
    deciding: Part
    parts: tuple[Part, ...]
    sentence: str
    exemption: Exemption | None = None

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the rule keeps the version from being blessed, unless it is excepted."""
        return self.rule.is_must and self.outcome in EXCUSABLE

    @property
    def is_warning(self) -> bool:
        return self.rule.severity == Severity.WARN and self.outcome not in (
            Outcome.PASS,
            Outcome.NO_BASELINE,
        )


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    results: tuple[Result, ...]
    sentence: str

    @property
    def warnings(self) -> int:
        return sum(result.is_warning for result in self.results)


def judge(
    rules: Sequence[Rule],
    measurements: Measurements,
    baseline: Baseline | None = None,
    *,
    mode: Mode = Mode.POINT,
    against: str = "the policy",
    exemptions: Sequence[Exemption] = (),
) -> Judgement:
    """Holds each rule against the measurements and draws the verdict."""
    baseline = baseline or Baseline()
    results = tuple(
        _exempted(judge_rule(rule, measurements, baseline, mode=mode), exemptions)
        for rule in rules
    )
    verdict = verdict_of(results)
    return Judgement(verdict, results, wording.verdict_sentence(verdict, results, against))


def verdict_of(results: Sequence[Result]) -> Verdict:
    """Only must rules decide; warnings and notes never do.

    Exceptions alone bless nothing: at least one rule that decides must have passed.
    """
    deciding = [result for result in results if result.rule.is_must]
    unexcused = {result.outcome for result in deciding if result.exemption is None}
    if unexcused & FATAL:
        return Verdict.NOT_BLESSED
    if Outcome.TOO_FEW in unexcused:
        return Verdict.UNDECIDED
    if Outcome.PASS not in unexcused:
        return Verdict.NOT_EVALUATED
    if any(result.exemption for result in deciding):
        return Verdict.BLESSED_WITH_EXCEPTION
    if any(result.outcome == Outcome.NO_BASELINE for result in results):
        return Verdict.BLESSED_FIRST
    return Verdict.BLESSED


def judge_rule(
    rule: Rule, measurements: Measurements, baseline: Baseline, *, mode: Mode = Mode.POINT
) -> Result:
    parts = tuple(_parts(rule, measurements, baseline, rule.mode or mode))
    deciding = min(parts, key=lambda part: (WORST_FIRST.index(part.outcome), part.margin))
    sentence = wording.rule_sentence(rule, deciding, parts, baseline, rule.mode or mode)
    return Result(rule, deciding.outcome, deciding, parts, sentence)


def _exempted(result: Result, exemptions: Sequence[Exemption]) -> Result:
    """Names the exception that covers a rule in the way; of several the one that lasts longest."""
    own = [one for one in exemptions if one.text == str(result.rule)]
    if not own or not result.stands_in_the_way:
        return result
    longest = max(own, key=lambda one: (one.until, one.id))
    sentence = wording.excepted_sentence(result.sentence, longest.until)
    return replace(result, exemption=longest, sentence=sentence)


def _parts(
    rule: Rule, measurements: Measurements, baseline: Baseline, mode: Mode
) -> list[Part]:
    if rule.is_relative and baseline.state == "none":
        return [Part(Outcome.NO_BASELINE, why=baseline.sentence)]
    if rule.is_relative and baseline.state == "unmeasured":
        return [Part(Outcome.MISSING, why=baseline.sentence)]
    if rule.metric == AGE:
        return [_age_part(rule, measurements)]
    if rule.compares_groups:
        return [_group_part(rule, measurements, baseline, mode)]
    figures = _figures(rule, measurements)
    if not figures:
        why = measurements.missing.get(render_measure(rule)) or wording.not_measured(rule)
        return [Part(Outcome.MISSING, why=why)]
    if rule.is_about_drift:
        return [_drift_part(rule, figures[0])]
    return [_part(rule, figure, baseline, mode) for figure in figures]


def _figures(rule: Rule, measurements: Measurements) -> list[Figure]:
    if rule.is_for_each:
        groups = (measurements.groups(rule.metric, name) for name in rule.slice_names)
        return next((found for found in groups if found), [])
    field = rule.slice_fields[0] if rule.slice_fields else rule.field
    figure = measurements.find(rule.metric, field, rule.slice_value or "")
    return [figure] if figure else []


def _age_part(rule: Rule, measurements: Measurements) -> Part:
    if measurements.age_days is None:
        return Part(
            Outcome.MISSING, why="the evaluation does not say which period its data cover"
        )
    return _held(rule, Figure(AGE, value=float(measurements.age_days)), Mode.POINT)


def _drift_part(rule: Rule, figure: Figure) -> Part:
    """Few rows drift by chance: a failure that chance explains decides nothing."""
    shortage = figure.shortage(rule)
    if shortage:
        return Part(Outcome.TOO_FEW, why=f"the smaller of both data sets {shortage}")
    part = _held(rule, figure, Mode.POINT)
    if part.outcome != Outcome.FAIL or not figure.may_be_chance:
        return part
    return replace(part, outcome=Outcome.TOO_FEW, why=wording.chance(figure))


def _group_part(rule: Rule, measurements: Measurements, baseline: Baseline, mode: Mode) -> Part:
    """Judges a ratio or gap; when it holds but groups were left out, they keep it undecided."""
    compared = compare_groups(rule, measurements)
    if compared is None:
        return Part(Outcome.MISSING, why=wording.not_measured(rule))
    if compared.figure is None:
        return Part(Outcome.TOO_FEW, why=wording.listed(compared.left_out))
    other = compare_groups(rule, baseline.measurements) if rule.is_relative else None
    difference = baseline.difference_of_groups(rule, compared.figure)
    part = _held(rule, compared.figure, mode, other.figure if other else None, difference)
    if part.outcome == Outcome.PASS and compared.left_out:
        return replace(part, outcome=Outcome.TOO_FEW, why=wording.listed(compared.left_out))
    return part


def _part(rule: Rule, figure: Figure, baseline: Baseline, mode: Mode) -> Part:
    shortage = figure.shortage(rule)
    if shortage:
        return Part(Outcome.TOO_FEW, figure, why=shortage)
    if not rule.is_relative:
        return _held(rule, figure, mode)
    where = (figure.metric, figure.slice_field, figure.slice_value)
    other, difference = baseline.measurements.find(*where), baseline.difference(*where)
    return _held(rule, figure, mode, other, difference)


def _held(
    rule: Rule,
    figure: Figure,
    mode: Mode,
    other: Figure | None = None,
    difference: Difference | None = None,
) -> Part:
    """Holds one figure against the rule's bounds, absolute or taken from the baseline's figure."""
    if not figure.is_defined:
        return Part(Outcome.UNDEFINED, figure, why="there is no value")
    if rule.is_relative and other is None:
        return Part(Outcome.MISSING, figure, why="the baseline has no such value")
    if rule.is_relative and (
        not other.is_defined or (rule.relative is not None and not other.value)
    ):
        return Part(Outcome.UNDEFINED, figure, why="the baseline's value allows no comparison")
    baseline_value = other.value if rule.is_relative else None
    low, high = bounds(rule, baseline_value)
    ends = _ends(figure, baseline_value, difference)
    outcome, why = _compare(figure.value, ends, low, high, mode)
    return Part(outcome, figure, low, high, why, difference, baseline_value)


def bounds(rule: Rule, baseline_value: float | None = None) -> tuple[float, float]:
    """Returns the lowest and highest value that pass; a share is of the baseline's size.

    The size, not the value: 97% of a baseline of -2 must ask for less, not for more.
    """
    bound = rule.bound
    if rule.relative is not None:
        bound = baseline_value + (rule.relative - 1) * abs(baseline_value)
    elif rule.baseline_change is not None:
        bound = baseline_value + rule.baseline_change
    match rule.comparison:
        case Comparison.AT_LEAST:
            return bound, inf
        case Comparison.AT_MOST:
            return -inf, bound
    return bound, rule.upper


def _ends(
    figure: Figure, baseline_value: float | None, difference: Difference | None
) -> tuple[float, float] | None:
    """Returns the interval's ends; against a baseline only the paired interval counts."""
    if baseline_value is None:
        return figure.interval
    if difference is None or difference.interval is None:
        return None
    low, high = difference.interval
    return baseline_value + low, baseline_value + high


def _compare(
    value: float,
    ends: tuple[float, float] | None,
    low: float,
    high: float,
    mode: Mode,
) -> tuple[Outcome, str]:
    def holds(one: float) -> bool:
        return low - TOLERANCE <= one <= high + TOLERANCE

    if mode == Mode.SURE and ends is None:
        return Outcome.UNDEFINED, "it has no interval, so nothing about it is sure"
    if mode == Mode.SURE:
        passed = holds(value) and all(holds(end) for end in ends)
    elif mode == Mode.NOT_WORSE and ends is not None:
        passed = holds(value) or (ends[0] <= high + TOLERANCE and ends[1] >= low - TOLERANCE)
    else:
        passed = holds(value)
    return (Outcome.PASS if passed else Outcome.FAIL), ""
