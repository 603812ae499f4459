"""Says in plain sentences what a rule and a verdict came to; decides nothing."""

from collections.abc import Sequence
from datetime import date
from math import inf
from typing import TYPE_CHECKING

from governance.blessing.verdicts import Outcome, Verdict
from governance.evaluation.comparison import NO_WINNER
from governance.metrics.numbers import decimals_of, rounded, signed
from governance.policies.rules import Comparison, Mode, Rule, Severity, number
from governance.policies.vocabulary import AGE, INFRA, UNITS

if TYPE_CHECKING:
    from governance.blessing.figures import Baseline, Difference, Figure
    from governance.blessing.judge import Part, Result

# Counted, not estimated: no decimals.
WHOLE = {AGE, "n"}

MUST_ENDINGS = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.MISSING: "missing, so it fails",
    Outcome.UNDEFINED: "undefined, so it fails",
    Outcome.TOO_FEW: "too few to decide",
    Outcome.NO_BASELINE: "nothing to compare with yet",
}


def rule_sentence(
    rule: Rule, deciding: "Part", parts: Sequence["Part"], baseline: "Baseline", mode: Mode
) -> str:
    """Returns, for example, "Four fifths: 0.54 [0.35, 0.83], below 0.80 — warning."."""
    name = rule.name[0].upper() + rule.name[1:]
    said = _where(rule, deciding) + _finding(rule, deciding, baseline, mode)
    if len(parts) > 1:
        said += _other_groups(deciding, parts)
    if deciding.difference:
        said += f"; {_difference(deciding.difference)}"
    return f"{name}: {said} — {_ending(rule, deciding.outcome)}."


def verdict_sentence(verdict: Verdict, results: Sequence["Result"], against: str) -> str:
    """Returns, for example, "Blessed against credit-decisions v3, 1 warning."."""
    words = f"{verdict.label} against {against}"
    causes = _causes(verdict, results)
    warnings = sum(result.is_warning for result in results)
    count = f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    return f"{words}{f': {causes}' if causes else ''}{count}."


def excepted_sentence(sentence: str, until: date) -> str:
    """Adds to a rule's sentence that somebody answers for going on in spite of it."""
    return f"{sentence.removesuffix('.')}, excepted until {long_date(until)}."


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def not_measured(rule: Rule) -> str:
    if rule.metric in INFRA:
        return "no infra check of this version has passed"
    if rule.is_about_drift:
        return f"the drift of {rule.field} was not measured"
    if rule.compares_groups:
        return f"{rule.metric} was not measured for groups of {rule.field}"
    if rule.slice_value is not None:
        return f"no rows have {rule.slice_fields[0]} = {rule.slice_value}"
    if rule.slice_fields:
        return f"{rule.metric} was not measured for groups of {' x '.join(rule.slice_fields)}"
    return f"{rule.metric} was not measured"


def chance(figure: "Figure") -> str:
    return f"{figure.n} rows drift as far as {rounded(figure.chance, 3)} by chance alone"


def listed(items: Sequence[str], limit: int = 3) -> str:
    """Joins the first few items and counts the rest."""
    shown = ", ".join(items[:limit])
    return f"{shown} and {len(items) - limit} more" if len(items) > limit else shown


def figure_text(figure: "Figure", bounds: Sequence[float] = ()) -> str:
    """Returns the value with its interval or the words "no interval".

    A value that is not on a bound gets as many digits as it takes not to look so.
    """
    ends = figure.interval
    digits = decimals_of(ends[1] - ends[0]) if ends else 0 if figure.metric in WHOLE else 3
    while digits < 6 and any(_looks_equal(figure.value, bound, digits) for bound in bounds):
        digits += 1
    if ends is None:
        text = rounded(figure.value, digits)
        return f"{text} {UNITS.get(figure.metric, '(no interval)')}"
    return f"{rounded(figure.value, digits)} [{rounded(ends[0], digits)}, {rounded(ends[1], digits)}]"


def _looks_equal(value: float, bound: float, digits: int) -> bool:
    return abs(value - bound) > 1e-9 and round(value, digits) == round(bound, digits)


def _causes(verdict: Verdict, results: Sequence["Result"]) -> str:
    deciding = [result for result in results if result.rule.is_must]
    match verdict:
        case Verdict.NOT_BLESSED:
            fatal = [
                one
                for one in deciding
                if MUST_ENDINGS[one.outcome].endswith(("failed", "fails"))
                and one.exemption is None
            ]
            return listed([f"{one.rule.name} {_short(one.outcome)}" for one in fatal])
        case Verdict.UNDECIDED:
            few = [
                one
                for one in deciding
                if one.outcome == Outcome.TOO_FEW and one.exemption is None
            ]
            return listed([f"{one.rule.name} has too few rows" for one in few])
        case Verdict.BLESSED_WITH_EXCEPTION:
            excepted = [one for one in deciding if one.exemption]
            return listed(
                [
                    f"{one.rule.name} {_short(one.outcome)}, excepted until "
                    f"{long_date(one.exemption.until)}"
                    for one in excepted
                ]
            )
        case Verdict.NOT_EVALUATED if not deciding:
            return "no rule of it decides"
        case Verdict.NOT_EVALUATED if any(one.exemption for one in deciding):
            return "no rule that decides passed, and exceptions alone bless nothing"
        case Verdict.NOT_EVALUATED:
            return "every rule that decides needs a baseline, and there is none"
    return ""


def _short(outcome: Outcome) -> str:
    return {
        Outcome.FAIL: "failed",
        Outcome.MISSING: "is missing",
        Outcome.TOO_FEW: "has too few rows",
    }.get(outcome, "is undefined")


def _where(rule: Rule, part: "Part") -> str:
    """Names the group, or the whole data set where the words that follow need a subject."""
    too_few = part.outcome == Outcome.TOO_FEW and not rule.compares_groups
    if part.figure is None or rule.compares_groups or rule.is_about_drift:
        return ""
    if not part.figure.slice_field:
        return "the data set " if too_few else ""
    return f"{part.figure.label}{' ' if too_few or part.figure.is_defined else ': '}"


def _finding(rule: Rule, part: "Part", baseline: "Baseline", mode: Mode) -> str:
    if part.outcome in (Outcome.MISSING, Outcome.NO_BASELINE, Outcome.UNDEFINED):
        return part.why
    has_figure = part.figure is not None and (rule.compares_groups or rule.is_about_drift)
    if part.outcome == Outcome.TOO_FEW and not has_figure:
        return part.why
    bounds = [bound for bound in (part.low_bound, part.high_bound) if abs(bound) != inf]
    found = f"{figure_text(part.figure, bounds)}, {_relation(rule, part, mode)}"
    if part.baseline_value is not None:
        found += f" ({baseline.label or 'the baseline'} has {rounded(part.baseline_value, 3)})"
    if part.outcome == Outcome.TOO_FEW:
        found += f", but {part.why}"
    return found


def _relation(rule: Rule, part: "Part", mode: Mode) -> str:
    """Says on which side of the bound the value lies, and what its interval adds."""
    inside = part.margin >= -1e-9
    passed = part.outcome != Outcome.FAIL
    side = _side(rule, part, inside)
    if inside and not passed:
        return f"{side} but not surely, since its interval reaches beyond"
    if passed and not inside:
        return f"{side}, which its interval does not rule out"
    return f"surely {side}" if passed and mode == Mode.SURE else side


def _side(rule: Rule, part: "Part", inside: bool) -> str:
    low, high = _bound(part, part.low_bound), _bound(part, part.high_bound)
    match rule.comparison:
        case Comparison.AT_LEAST:
            return f"{'at least' if inside else 'below'} {low}"
        case Comparison.AT_MOST:
            return f"{'at most' if inside else 'above'} {high}"
    return f"between {low} and {high}" if inside else f"outside {low} to {high}"


def _bound(part: "Part", bound: float) -> str:
    """Writes a bound as people do; one that was computed from a baseline is rounded."""
    if abs(bound) == inf:
        return ""
    is_close = _looks_equal(part.figure.value, bound, 3)
    if part.baseline_value is not None and not is_close:
        bound = round(bound, 3)
    return number(float(f"{bound:.6g}"))


def _other_groups(deciding: "Part", parts: Sequence["Part"]) -> str:
    """Says how many groups share the outcome of the one that is named."""
    total = len(parts)
    if deciding.outcome == Outcome.PASS:
        return "; both groups pass" if total == 2 else f"; all {total} groups pass"
    same = sum(part.outcome == deciding.outcome for part in parts)
    return f" ({same} of {total} groups)"


def _difference(difference: "Difference") -> str:
    if difference.interval is None:
        why = f": {difference.sentence.rstrip('.')}" if difference.value is None else ""
        return f"no paired interval{why}"
    if difference.interval == (0, 0):
        return "the two do not differ on any row"
    low, high = difference.interval
    digits = max(3, decimals_of(high - low))
    ends = f"[{signed(low, digits)}, {signed(high, digits)}]"
    told = "more than chance" if difference.is_told_apart else NO_WINNER
    return f"paired difference {signed(difference.value, digits)} {ends}, {told}"


def _ending(rule: Rule, outcome: Outcome) -> str:
    if rule.is_must or outcome in (Outcome.PASS, Outcome.NO_BASELINE):
        return MUST_ENDINGS[outcome]
    few = " (too few)" if outcome == Outcome.TOO_FEW else ""
    return f"{'warning' if rule.severity == Severity.WARN else 'note'}{few}"
