"""Whether one rule asks for more than another: what passes the stricter one passes the other too."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from math import inf

from governance.policies.rules import (
    Comparison,
    Mode,
    Rule,
    Severity,
    number,
    render,
    render_bound,
)

# Weakest first.
SEVERITIES = (Severity.NOTE, Severity.WARN, Severity.MUST)
MODES = (Mode.NOT_WORSE, Mode.POINT, Mode.SURE)
BOUNDS = ("bound", "baseline_change", "relative")
# What may differ between two rules that hold the same figure against a bound of the same kind.
CHANGEABLE = {
    "name", "text", "comparison", "upper", "severity", "mode", "needs_rows", "needs_positives",
    *BOUNDS,
}  # fmt: skip


class Direction(StrEnum):
    STRICTER = "stricter"
    LOOSER = "looser"
    OTHER = "other"


@dataclass(frozen=True)
class Aspect:
    """One thing in which two rules differ, as texts before and after."""

    what: str
    before: str
    after: str
    direction: Direction
    is_figure: bool = False


def aspects(before: Rule, after: Rule, modes: tuple[Mode, Mode]) -> Iterator[Aspect]:
    """Lists what differs, names aside; `modes` are those in force for each rule."""
    if figure(before) != figure(after):
        yield Aspect("asks", _body(before), _body(after), Direction.OTHER, is_figure=True)
    elif limits(before) != limits(after):
        is_same = before.comparison == after.comparison
        words = [render_bound(one) if is_same else _comparison(one) for one in (before, after)]
        yield Aspect("bound", *words, _of_limits(limits(before), limits(after)))
    if before.severity != after.severity:
        direction = ranked(SEVERITIES, before.severity, after.severity)
        yield Aspect("severity", before.severity.value, after.severity.value, direction)
    if (before.mode or after.mode) and modes[0] != modes[1]:
        yield Aspect("mode", modes[0].value, modes[1].value, ranked(MODES, *modes))
    if _needs(before) != _needs(after):
        direction = _of_amounts(_needs(before), _needs(after))
        yield Aspect("needs", _needs_text(before), _needs_text(after), direction)


def figure(rule: Rule) -> tuple:
    """What is measured, where, and against what kind of bound: equal for comparable rules."""
    kind = next((name for name in BOUNDS if getattr(rule, name) is not None), "")
    parts = [getattr(rule, one.name) for one in fields(rule) if one.name not in CHANGEABLE]
    return (*parts, kind)


def limits(rule: Rule) -> tuple[float, float]:
    """The lowest and highest value that pass, in the rule's own kind of bound."""
    bound = next(value for name in BOUNDS if (value := getattr(rule, name)) is not None)
    match rule.comparison:
        case Comparison.AT_LEAST:
            return bound, inf
        case Comparison.AT_MOST:
            return -inf, bound
    return bound, rule.upper


def ranked(order: tuple, before: object, after: object) -> Direction:
    """Which way it went in an order that names the weakest first."""
    is_up = order.index(after) > order.index(before)
    return Direction.STRICTER if is_up else Direction.LOOSER


def _of_limits(before: tuple[float, float], after: tuple[float, float]) -> Direction:
    if before[0] <= after[0] and after[1] <= before[1]:
        return Direction.STRICTER
    if after[0] <= before[0] and before[1] <= after[1]:
        return Direction.LOOSER
    return Direction.OTHER


def _of_amounts(before: tuple[int, ...], after: tuple[int, ...]) -> Direction:
    """A rule that needs more rows lets fewer versions pass: too few rows is no pass."""
    if all(new >= old for old, new in zip(before, after, strict=True)):
        return Direction.STRICTER
    if all(new <= old for old, new in zip(before, after, strict=True)):
        return Direction.LOOSER
    return Direction.OTHER


def _needs(rule: Rule) -> tuple[int, int]:
    return rule.needs_rows, rule.needs_positives


def _needs_text(rule: Rule) -> str:
    if not rule.needs_rows:
        return "nothing"
    positives = f" and {rule.needs_positives} positives" if rule.needs_positives else ""
    return f"{rule.needs_rows} rows{positives}"


def _comparison(rule: Rule) -> str:
    if rule.comparison == Comparison.BETWEEN:
        return f"between {number(rule.bound)} and {number(rule.upper)}"
    return f"{rule.comparison.value} {render_bound(rule)}"


def _body(rule: Rule) -> str:
    """The rule's text without its name."""
    return render(rule).removeprefix(f"{rule.name}: ")
