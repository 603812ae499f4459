"""Whether a readable policy makes sense: pure checks made when it is saved; stores nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf

from governance.policies import fitting, vocabulary
from governance.policies.document import (
    ApprovalStep,
    InvalidPolicy,
    PolicyDocument,
    read_placed,
)
from governance.policies.fitting import Finding
from governance.policies.routes import dead_ends
from governance.policies.rules import Comparison, Mode, Rule, number
from governance.policies.source import Path, Problem, Source
from governance.policies.surroundings import Surroundings
from raci.templates import known_activities

LookAround = Callable[[PolicyDocument], Surroundings]


@dataclass(frozen=True)
class Checked:
    """A policy that may be saved, with what its author should know nevertheless."""

    document: PolicyDocument
    notes: tuple[Problem, ...]


def alone(document: PolicyDocument) -> Surroundings:
    """Looks nowhere: the text is checked by itself."""
    return Surroundings()


def check(text: str, look_around: LookAround = alone) -> Checked:
    """Reads the text and looks for mistakes; raises InvalidPolicy with their places.

    `look_around` finds where the policy would apply; without it the text is checked by itself.
    """
    return check_placed(*read_placed(text), look_around)


def check_placed(
    document: PolicyDocument, source: Source, look_around: LookAround = alone
) -> Checked:
    """Looks for mistakes in what was read; raises InvalidPolicy with their places."""
    around = look_around(document)
    errors = [
        Problem(one.sentence, *source.place(one.path))
        for one in (*mistakes(document), *fitting.mistakes(document, around))
    ]
    if errors:
        raise InvalidPolicy(errors)
    notes = [
        Problem(one.sentence, *source.place(one.path))
        for one in (*doubts(document), *fitting.doubts(document, around))
    ]
    return Checked(document, tuple(notes))


def mistakes(document: PolicyDocument) -> list[Finding]:
    """Everything because of which the policy cannot be saved."""
    return [
        *(
            Finding(sentence, ("rules", position))
            for position, rule in enumerate(document.rules)
            for sentence in rule_mistakes(rule)
        ),
        *_same_names(document.rules),
        *_contradictions(document.rules),
        *_only_relative(document.rules),
        *_approval_mistakes(document),
    ]


def doubts(document: PolicyDocument) -> list[Finding]:
    """What is allowed but seldom meant."""
    found = []
    if not any(rule.is_must for rule in document.rules):
        found.append(
            Finding(
                "No rule decides (must), so every verdict will be “not evaluated”.", ("rules",)
            )
        )
    for position, rule in enumerate(document.rules):
        if (rule.slice_fields or rule.compares_groups) and not rule.needs_rows:
            sentence = f"“{rule.name}” has no “needs”, so chance decides it in a small group."
            found.append(Finding(sentence, ("rules", position)))
    if not any(rule.slice_fields or rule.compares_groups for rule in document.rules):
        found.append(Finding("No rule looks at groups of people or cases.", ("rules",)))
    return found


def rule_mistakes(rule: Rule) -> Iterator[str]:
    if rule.is_about_drift:
        yield from _drift_mistakes(rule)
        return
    if not vocabulary.is_known(rule.metric):
        known = [*vocabulary.METRICS, *vocabulary.SYNONYMS, *vocabulary.FACTS]
        yield f"“{rule.name}”: the metric “{rule.metric}” is not known; " + (
            vocabulary.did_you_mean(rule.metric, known)
        )
        return
    yield from _slice_mistakes(rule)
    yield from _bound_mistakes(rule)


def _slice_mistakes(rule: Rule) -> Iterator[str]:
    if rule.compares_groups and rule.metric not in vocabulary.RATES:
        known = ", ".join(sorted(vocabulary.RATES))
        yield f"“{rule.name}”: {rule.measure}() compares rates between groups; rates are {known}."
    if rule.compares_groups and rule.slice_fields:
        yield f"“{rule.name}”: {rule.measure}() already compares the groups of {rule.field}."
    if len(set(rule.slice_fields)) < len(rule.slice_fields):
        yield f"“{rule.name}”: {rule.slice_fields[0]} cannot be crossed with itself."
    if rule.metric in vocabulary.FACTS:
        yield from _fact_mistakes(rule)


def _fact_mistakes(rule: Rule) -> Iterator[str]:
    if rule.slice_fields or rule.compares_groups:
        yield f"“{rule.name}”: {rule.metric} has one value, not one for each group."
    if rule.needs_rows:
        yield f"“{rule.name}”: {rule.metric} does not rest on rows, so leave “needs” out."
    if rule.metric == vocabulary.AGE and rule.is_relative:
        yield f"“{rule.name}”: age_days has no baseline; compare it with a number."


def _drift_mistakes(rule: Rule) -> Iterator[str]:
    if rule.slice_fields:
        yield f"“{rule.name}”: {rule.measure}() compares all rows with the training data, not groups."
    if rule.is_relative:
        yield f"“{rule.name}”: {rule.measure}() already compares with the training data; use a number."
    if rule.needs_positives:
        yield f"“{rule.name}”: drift does not look at labels, so it needs no positives."
    if rule.mode == Mode.SURE:
        yield f"“{rule.name}”: drift has no interval, so nothing about it is sure; leave “sure” out."
    yield from _bound_mistakes(rule)


def _bound_mistakes(rule: Rule) -> Iterator[str]:
    if rule.comparison == Comparison.BETWEEN and rule.bound > rule.upper:
        yield f"“{rule.name}”: {number(rule.bound)} is above {number(rule.upper)}."
    lowest, highest = _range(rule)
    for bound in (rule.bound, rule.upper):
        if bound is not None and not lowest <= bound <= highest:
            limits = (
                f"{number(lowest)} and {number(highest)}" if highest < inf else "0 and more"
            )
            yield f"“{rule.name}”: {rule.metric} lies between {limits}, so {number(bound)} decides nothing."


def _range(rule: Rule) -> tuple[float, float]:
    if rule.compares_groups or rule.measure == "js":
        return 0.0, 1.0
    if rule.metric.startswith(vocabulary.REPORTED):
        return -inf, inf
    metric = vocabulary.METRICS.get(rule.metric)
    return (metric.lowest, metric.highest) if metric else (0.0, inf)


def _same_names(rules: tuple[Rule, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for position, rule in enumerate(rules):
        if rule.name.lower() in seen:
            yield Finding(f"Two rules are called “{rule.name}”.", ("rules", position))
        seen.add(rule.name.lower())


def _contradictions(rules: tuple[Rule, ...]) -> Iterator[Finding]:
    for (_, first), (position, second) in combinations(enumerate(rules), 2):
        if _same_figure(first, second) and _disjoint(first, second):
            sentence = (
                f"“{first.name}” and “{second.name}” contradict: no value satisfies both."
            )
            yield Finding(sentence, ("rules", position))


def _same_figure(first: Rule, second: Rule) -> bool:
    def figure(rule: Rule) -> tuple:
        return (
            rule.measure,
            rule.metric,
            rule.field,
            rule.slice_fields,
            rule.slice_value,
            rule.relative is not None,
            rule.baseline_change is not None,
        )

    return figure(first) == figure(second)


def _disjoint(first: Rule, second: Rule) -> bool:
    (low, high), (other_low, other_high) = _limits(first), _limits(second)
    return max(low, other_low) > min(high, other_high)


def _limits(rule: Rule) -> tuple[float, float]:
    bounds = (rule.bound, rule.baseline_change, rule.relative)
    bound = next(one for one in bounds if one is not None)
    match rule.comparison:
        case Comparison.AT_LEAST:
            return bound, inf
        case Comparison.AT_MOST:
            return -inf, bound
    return bound, rule.upper


def _only_relative(rules: tuple[Rule, ...]) -> Iterator[Finding]:
    deciding = [rule for rule in rules if rule.is_must] or rules
    if all(rule.is_relative for rule in deciding):
        sentence = (
            "Every rule that decides is relative to a baseline, so a first version could never be "
            "blessed; add one must rule with a number."
        )
        yield Finding(sentence, ("rules",))


def _approval_mistakes(document: PolicyDocument) -> Iterator[Finding]:
    for place, steps in _step_lists(document):
        yield from _step_mistakes(document, place, steps)
        if empty := next(dead_ends(document, steps), None):
            sentence = (
                f"Nobody would sign at all for {empty}: leave one step without “only_if”."
            )
            yield Finding(sentence, place)


def _step_lists(document: PolicyDocument) -> Iterator[tuple[Path, Sequence[ApprovalStep]]]:
    """The steps of each kind of request that the policy speaks of, with their place."""
    yield ("approvals",), document.approvals
    yield ("retirement", "approvals"), document.retirement.approvals
    if document.revalidation.approvals:
        yield ("revalidation", "approvals"), document.revalidation.approvals


def _step_mistakes(
    document: PolicyDocument, place: Path, steps: Sequence[ApprovalStep]
) -> Iterator[Finding]:
    activities = known_activities()
    seen: set[str] = set()
    for position, step in enumerate(steps):
        if step.activity not in activities:
            sentence = f"The activity “{step.activity}” is in no matrix; "
            sentence += vocabulary.did_you_mean(step.activity, activities)
            yield Finding(sentence, (*place, position, "activity"))
        if step.step in seen:
            yield Finding(f"Two steps are called “{step.step}”.", (*place, position, "step"))
        seen.add(step.step)
        if step.parallel and position == 0:
            sentence = (
                f"“{step.step}” is the first step, so there is none before it to run beside."
            )
            yield Finding(sentence, (*place, position, "parallel"))
        if step.only_if and step.only_if.change and document.minor_change is None:
            sentence = (
                f"“{step.step}” depends on the size of the change; say with “minor_change” what "
                "must be unchanged for a minor one."
            )
            yield Finding(sentence, (*place, position, "only_if"))
