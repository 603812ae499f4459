"""One version's last verdict under changed rules: what would flip; computed from what was frozen, stored nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import NamedTuple

from governance.blessing.judge import Judgement, Result
from governance.blessing.models import Blessing, RuleResult
from governance.blessing.replay import Case, replay
from governance.blessing.verdicts import SUFFICIENT
from governance.errors import Invalid
from governance.policies.checks import rule_mistakes
from governance.policies.document import PolicyDocument
from governance.policies.grammar import RuleError, parse
from governance.policies.inheritance import resolve
from governance.policies.queries import find_base
from governance.policies.rules import Comparison, Rule, number, rounded

LARGEST = 1e12
MINUS = "\N{MINUS SIGN}"


class Bound(NamedTuple):
    """A number of a rule that may be moved: the field of the rule, what it is, and its unit."""

    key: str
    label: str
    value: float
    unit: str = ""

    @property
    def text(self) -> str:
        return number(float(self.value)) if self.value % 1 else f"{self.value:.0f}"


class NotThatNumber(ValueError):
    """What was given for a number of a rule; the sentence stands beside it."""


@dataclass(frozen=True)
class TriedRule:
    """One rule as it was judged then, if it was, and as it is judged in what-if."""

    rule: Rule
    now: Result
    then: RuleResult | None

    @property
    def flips(self) -> bool:
        return self.then is None or self.then.outcome != self.now.outcome

    @property
    def is_changed(self) -> bool:
        return self.then is not None and self.then.text != str(self.rule)


@dataclass(frozen=True)
class WhatIf:
    """Both verdicts, rule by rule; `gone` are rules of then that are not asked any more."""

    blessing: Blessing
    judgement: Judgement
    rules: tuple[TriedRule, ...]
    gone: tuple[RuleResult, ...]

    @property
    def passed_then(self) -> bool:
        return self.blessing.is_sufficient

    @property
    def passes(self) -> bool:
        return self.judgement.verdict in SUFFICIENT

    @property
    def flips(self) -> tuple[TriedRule, ...]:
        return tuple(one for one in self.rules if one.flips)

    @property
    def sentence(self) -> str:
        """“It would be blocked: Not blessed against …”, with how many rules flip."""
        if self.passed_then == self.passes:
            change = "It would still pass." if self.passes else "It would still not pass."
        else:
            change = "It would pass." if self.passes else "It would be blocked."
        count = len(self.flips)
        rules = {0: "No rule comes", 1: "1 rule comes"}.get(count, f"{count} rules come")
        return f"{change} {rules} to another outcome."


def what_if(blessing: Blessing, document: PolicyDocument, *, against: str) -> WhatIf:
    """Judges the evaluation of the blessing by the document."""
    judgement = replay([Case(blessing.evaluation, blessing)], document, against=against)[0]
    then = {result.name.lower(): result for result in blessing.results.all()}
    rules = tuple(
        TriedRule(result.rule, result, then.pop(result.rule.name.lower(), None))
        for result in judgement.results
    )
    return WhatIf(blessing, judgement, rules, tuple(then.values()))


def asked(blessing: Blessing, rules: Sequence[str], text: str) -> WhatIf:
    """The same from lines of rules or from a whole text; refuses with every line that is wrong."""
    if bool(rules) == bool(text.strip()):
        raise Invalid("Give either rules or the text of a policy.", field="rules")
    if rules:
        document = with_rules(blessing.policy_version.parsed, _all_rewritten(rules))
        return what_if(
            blessing, document, against=f"{blessing.policy_version.label} as changed"
        )
    document = resolve(text, find_base).document
    return what_if(blessing, document, against=f"{document.policy} as given")


def _all_rewritten(lines: Sequence[str]) -> list[Rule]:
    rules, problems = [], []
    for place, line in enumerate(lines, 1):
        try:
            rules.append(rewritten(line))
        except RuleError as error:
            problems.append(f"Rule {place}, column {error.column}: {error.sentence}")
    names = [rule.name.lower() for rule in rules]
    problems += [
        f"Two rules are called “{name}”."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if problems:
        raise Invalid(problems[0], reasons=problems, field="rules")
    return rules


def with_rules(document: PolicyDocument, rules: Sequence[Rule]) -> PolicyDocument:
    """The same policy with other rules."""
    return document.model_copy(update={"rules": tuple(rules)})


def rewritten(text: str) -> Rule:
    """Reads a rule somebody wrote; raises RuleError with the sentence for what is wrong."""
    rule = parse(text)
    for sentence in rule_mistakes(rule):
        raise RuleError(sentence)
    return rule


def bounds_of(rule: Rule) -> list[Bound]:
    """The numbers of a rule, in the order in which it says them."""
    return [*_limits(rule), *_needs(rule)]


def _limits(rule: Rule) -> list[Bound]:
    words = rule.comparison.value
    if rule.comparison == Comparison.BETWEEN:
        return [Bound("bound", "between", rule.bound), Bound("upper", "and", rule.upper)]
    if rule.relative is not None:
        share = rounded(rule.relative * 100)
        return [Bound("relative", words, share, "% of the baseline")]
    if rule.baseline_change is not None:
        return [Bound("baseline_change", f"{words} the baseline plus", rule.baseline_change)]
    return [Bound("bound", words, rule.bound)]


def _needs(rule: Rule) -> list[Bound]:
    if not rule.needs_rows:
        return []
    rows = [Bound("needs_rows", "needs", rule.needs_rows, "rows")]
    if rule.needs_positives:
        rows.append(Bound("needs_positives", "and", rule.needs_positives, "positives"))
    return rows


def moved(rule: Rule, numbers: Mapping[str, str]) -> Rule:
    """The rule with some of its numbers changed; raises NotThatNumber with what is wrong."""
    changes = {
        bound.key: _value(bound, numbers[bound.key])
        for bound in bounds_of(rule)
        if numbers.get(bound.key, "").strip() not in ("", bound.text)
    }
    if not changes:
        return rule
    try:
        return rewritten(str(replace(rule, **changes)))
    except RuleError as error:
        raise NotThatNumber(error.sentence) from None


def _value(bound: Bound, text: str) -> float | int:
    written = text.strip().replace(MINUS, "-")
    try:
        value = float(written) if len(written) <= 30 else float("nan")
    except ValueError:
        raise NotThatNumber(f"“{text.strip()[:30]}” is not a number.") from None
    if not isfinite(value) or abs(value) > LARGEST:
        raise NotThatNumber("Write a number such as 0.75.")
    if bound.key.startswith("needs_"):
        if value % 1 or value < 1:
            raise NotThatNumber("Write a whole number from 1 on.")
        return int(value)
    if bound.key == "relative":
        if value < 0:
            raise NotThatNumber("A share is not negative.")
        return rounded(value / 100)
    return value + 0.0
