"""Why a version is not blessed, turned round: what would be enough, the cheapest way first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import ceil, inf

from governance.blessing.figures import Figure
from governance.blessing.judge import Judgement, Part, Result
from governance.blessing.verdicts import Outcome
from governance.metrics.numbers import rounded
from governance.policies.rules import Rule, number
from governance.policies.vocabulary import AGE, INFRA, UNITS

# A value that has to move less than its own half interval may do so by chance.
WITHIN_CHANCE = 1.0


class Effort(IntEnum):
    """What a way costs, the least first."""

    AN_ACT = 0
    MORE_ROWS = 1
    A_BETTER_MODEL = 2


@dataclass(frozen=True)
class Way:
    """One rule that stands in the way, and what would be enough for it.

    `size` orders ways of equal effort: rows that are missing, or how far the value is off, in
    halves of its interval where it has one and else as a share of the bound.
    """

    rule: str
    effort: Effort
    size: float
    sentence: str
    rows_missing: int = 0


@dataclass(frozen=True)
class Threshold:
    """The threshold at which deciding would cost least on the judged rows, and that cost per case."""

    value: float
    cost: float


def ways_forward(judgement: Judgement, cheapest: Threshold | None = None) -> list[Way]:
    """Returns one way for each rule in the way; all of them are needed, the cheapest come first."""
    ways = [
        _by_threshold(result, cheapest) or _way(result)
        for result in judgement.results
        if result.stands_in_the_way and result.exemption is None
    ]
    return sorted(ways, key=lambda way: (way.effort, way.size, way.rule))


def _way(result: Result) -> Way:
    match result.outcome:
        case Outcome.MISSING:
            return _of_missing(result)
        case Outcome.TOO_FEW:
            return _of_too_few(result)
        case Outcome.UNDEFINED:
            return _of_undefined(result)
    return _of_failure(result)


def _by_threshold(result: Result, cheapest: Threshold | None) -> Way | None:
    """A cost that another threshold would bring within its bound asks for no better model."""
    part = result.deciding
    failed = result.outcome == Outcome.FAIL and result.rule.metric == "cost"
    if not failed or cheapest is None or part.figure.slice_field:
        return None
    if not part.low_bound <= cheapest.cost <= part.high_bound:
        return None
    sentence = (
        f"Decide at another threshold: at {rounded(cheapest.value, 2)} a case would cost "
        f"{rounded(cheapest.cost, 2)} on these rows. Register that as a version and evaluate it."
    )
    return Way(result.rule.name, Effort.AN_ACT, 3, sentence)


def _of_missing(result: Result) -> Way:
    rule, why = result.rule, result.deciding.why
    return Way(rule.name, Effort.AN_ACT, 0, f"{_missing_act(rule, why)}: {why}.")


def _missing_act(rule: Rule, why: str) -> str:
    if rule.metric in INFRA:
        return "Have the artifact checked"
    if rule.is_about_drift:
        return "Record the training data with its file, and name it when registering a version"
    if rule.metric == AGE:
        return "Say the period when you hand in the evaluation"
    if rule.is_relative and "evaluate it" in why:
        return "Evaluate the baseline too, and this version is judged again"
    if rule.fields:
        return f"Evaluate again with {' and '.join(rule.fields)} among the slices"
    return "Evaluate again with what the metric needs"


def _of_too_few(result: Result) -> Way:
    """Asks for the rows of every group that lacks some, in the groups' own mix of positives."""
    rule = result.rule
    if rule.is_about_drift:
        return _of_little_drift(result)
    lacking = [
        (part.figure.label, missing)
        for part in result.parts
        if part.figure and part.outcome == Outcome.TOO_FEW
        if (missing := rows_missing(rule, part.figure))
    ]
    total = sum(missing for _label, missing in lacking)
    if not lacking:
        sentence = f"Hand in more rows: {result.deciding.why}."
        return Way(rule.name, Effort.MORE_ROWS, 0, sentence)
    told = ", ".join(
        f"{missing:,} more rows{f' of {label}' if label else ''}"
        for label, missing in lacking[:3]
    )
    more = f" and {len(lacking) - 3} more groups" if len(lacking) > 3 else ""
    sentence = f"Evaluate on {told}{more}."
    return Way(rule.name, Effort.MORE_ROWS, total, sentence, total)


def rows_missing(rule: Rule, figure: Figure) -> int:
    """How many rows more a figure needs; positives are counted in rows at their present share."""
    rows, positives = figure.n or 0, figure.positives or 0
    for_rows = max(0, rule.needs_rows - rows)
    lacking = max(0, rule.needs_positives - positives)
    if not lacking:
        return for_rows
    for_positives = ceil(lacking * rows / positives) if positives else lacking
    return max(for_rows, for_positives)


def _of_little_drift(result: Result) -> Way:
    sentence = f"Compare larger data sets: {result.deciding.why}."
    return Way(result.rule.name, Effort.MORE_ROWS, 0, sentence)


def _of_undefined(result: Result) -> Way:
    why = result.deciding.why
    if "interval" in why:
        act = "Evaluate with a row key on the same rows, or let the policy judge by the point"
    else:
        act = "Look at the rows, since the metric divides by something that is not there"
    return Way(result.rule.name, Effort.AN_ACT, 1, f"{act}: {why}.")


def _of_failure(result: Result) -> Way:
    part = result.deciding
    groups = sum(one.outcome == Outcome.FAIL for one in result.parts)
    where = f" in {part.figure.label}" if part.figure.label and not _is_joint(result) else ""
    others = f" ({groups} groups fail)" if groups > 1 else ""
    if part.margin >= 0:
        return _of_unsure(result, where + others)
    off = -part.margin
    size = off / _half(part) if _half(part) else off / (abs(_bound(part)) or 1)
    sentence = f"{_off(result.rule, part)}{where}{others}"
    if _half(part) and size <= WITHIN_CHANCE:
        sentence += ", which its interval does not rule out on other rows"
    if result.rule.metric == AGE:
        return Way(result.rule.name, Effort.AN_ACT, 2, f"{sentence}: evaluate on newer data.")
    return Way(result.rule.name, Effort.A_BETTER_MODEL, size, f"{sentence}.")


def _is_joint(result: Result) -> bool:
    return result.rule.compares_groups or result.rule.is_about_drift


def _off(rule: Rule, part: Part) -> str:
    """Says how far the value lies beyond its bound: “0.031 short of 0.75”."""
    off, bound = -part.margin, _bound(part)
    is_low = part.figure.value < part.low_bound
    unit = f" {UNITS[rule.metric]}" if rule.metric in UNITS else ""
    digits = 3 if round(off, 3) else 6
    if rule.metric == AGE:
        digits = 0
    words = "short of" if is_low else "over"
    return f"{rounded(off, digits)}{unit} {words} {number(float(f'{bound:.6g}'))}"


def _of_unsure(result: Result, where: str) -> Way:
    """The value is right and its interval reaches beyond: the root of the rows narrows it."""
    part, rule = result.deciding, result.rule
    rows = rows_to_be_sure(part)
    if rows is None:
        sentence = f"It lies on its bound{where}: no number of rows makes that sure."
        return Way(rule.name, Effort.A_BETTER_MODEL, 0, sentence)
    more = rows - (part.figure.n or 0)
    sentence = (
        f"The value is right{where}, but not surely: about {more:,} more rows would narrow its "
        "interval enough, if the value stays."
    )
    return Way(rule.name, Effort.MORE_ROWS, more, sentence, more)


def rows_to_be_sure(part: Part) -> int | None:
    """How many rows it takes in all for the interval to end at the bound; None if none suffice."""
    figure, ends = part.figure, _ends(part)
    if ends is None or not figure.n or part.margin <= 0:
        return None
    factors = [
        (figure.value - ends[0]) / (figure.value - part.low_bound),
        (ends[1] - figure.value) / (part.high_bound - figure.value),
    ]
    return ceil(figure.n * max(max(factors), 1.0) ** 2)


def _ends(part: Part) -> tuple[float, float] | None:
    if part.baseline_value is None:
        return part.figure.interval
    if part.difference is None or part.difference.interval is None:
        return None
    low, high = part.difference.interval
    return part.baseline_value + low, part.baseline_value + high


def _half(part: Part) -> float:
    """The half of the interval that points to the bound; 0 without one."""
    ends = _ends(part)
    if ends is None:
        return 0.0
    value = part.figure.value
    return ends[1] - value if value < part.low_bound else value - ends[0]


def _bound(part: Part) -> float:
    is_low = part.low_bound != -inf and part.figure.value < part.low_bound
    return part.low_bound if is_low or part.high_bound == inf else part.high_bound


def summary(ways: Sequence[Way]) -> str:
    """Says in one sentence how much is missing: “2 rules are in the way; the cheapest: …”."""
    if not ways:
        return ""
    if len(ways) == 1:
        return f"One rule is in the way, {ways[0].rule}."
    return f"{len(ways)} rules are in the way, {ways[0].rule} the cheapest to put right."
