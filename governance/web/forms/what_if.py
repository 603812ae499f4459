"""The rules of a policy as a sheet of numbers, or of lines, that somebody changes to see what flips."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from governance.backtests.what_if import Bound, NotThatNumber, bounds_of, moved, rewritten
from governance.policies.document import PolicyDocument
from governance.policies.grammar import RuleError
from governance.policies.rules import Rule, subject, where

MOST_TEXT = 500


class Input(NamedTuple):
    """One number of a rule as it stands in the page."""

    name: str
    bound: Bound
    shown: str


@dataclass(frozen=True)
class Row:
    """One rule: as the policy says it, as it is tried, and what is wrong with what was written.

    A rule with a problem is tried as the policy says it. `base` is the whole line that was written
    before its numbers were moved.
    """

    position: int
    original: Rule
    rule: Rule
    inputs: tuple[Input, ...]
    text_name: str
    text: str
    problem: str = ""
    base: str = ""

    @property
    def subject(self) -> str:
        """“AUC in each group of age”."""
        return f"{subject(self.rule)}{where(self.rule)}".removesuffix(" over all rows")


def sheet(document: PolicyDocument, sent: Mapping[str, str], *, as_text: bool) -> list[Row]:
    """The rules with what was sent for them: `r0.bound` for a number, `r0` for a whole line."""
    return [
        (_line if as_text else _numbers)(position, rule, sent)
        for position, rule in enumerate(document.rules)
    ]


def _numbers(position: int, rule: Rule, sent: Mapping[str, str]) -> Row:
    """Moves the numbers; a whole line that was sent before stands until a number is moved."""
    base, problem = _from_line(position, rule, sent)
    inputs = tuple(_inputs(position, base, sent))
    try:
        tried = moved(base, {one.bound.key: one.shown for one in inputs})
    except NotThatNumber as error:
        tried, problem = base, str(error)
    written = "" if base == rule else str(base)
    return Row(position, rule, tried, inputs, f"r{position}", str(tried), problem, written)


def _inputs(position: int, rule: Rule, sent: Mapping[str, str]) -> Iterator[Input]:
    for bound in bounds_of(rule):
        name = f"r{position}.{bound.key}"
        yield Input(name, bound, sent.get(name, bound.text)[:40])


def _line(position: int, rule: Rule, sent: Mapping[str, str]) -> Row:
    tried, problem = _from_line(position, rule, sent)
    written = sent.get(f"r{position}", str(rule))[:MOST_TEXT]
    return Row(position, rule, tried, (), f"r{position}", written, problem)


def _from_line(position: int, rule: Rule, sent: Mapping[str, str]) -> tuple[Rule, str]:
    written = sent.get(f"r{position}", "").strip()[:MOST_TEXT]
    if not written or written == str(rule):
        return rule, ""
    try:
        return rewritten(written), ""
    except RuleError as error:
        return rule, f"Column {error.column}: {error.sentence}"
