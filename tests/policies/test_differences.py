"""What differs between two policies: sentences, and whether they ask for more or for less."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from governance.policies.differences import LineKind, differences, text_differences
from governance.policies.document import read
from governance.policies.grammar import parse
from governance.policies.rules import Comparison, Mode, Severity
from governance.policies.strictness import MODES, SEVERITIES, Direction, aspects
from tests.policies.factories import EXAMPLES, policy_text

WHOLE = (EXAMPLES / "credit-decisions.yaml").read_text()
CHANGES = {
    "at least 0.75 -> at least 0.80": ("stricter", "Rule “auc floor”: bound 0.75 → 0.80."),
    "at least 0.75 -> at least 0.7": ("looser", "Rule “auc floor”: bound 0.75 → 0.70."),
    "cost at most 0.70 -> cost at most 0.60": ("stricter", "bound 0.70 → 0.60."),
    "baseline minus 0.01 -> baseline minus 0.02": (
        "looser",
        "Rule “no regression”: bound baseline minus 0.01 → baseline minus 0.02.",
    ),
    "auc at least 0.75 -> auc between 0.75 and 0.9": (
        "stricter",
        "bound at least 0.75 → between 0.75 and 0.90.",
    ),
    "auc floor: auc at least 0.75 -> auc floor: f1 at least 0.75": (
        "other",
        "Rule “auc floor”: asks auc at least 0.75 → f1 at least 0.75.",
    ),
    "auc at least 0.75 -> auc at least 97% of baseline": ("other", "asks auc at least 0.75 →"),
    "auc floor: -> floor: ": ("other", "Rule “auc floor” is now called “floor”."),
    "needs 50 rows else warn -> needs 80 rows else warn": (
        "stricter",
        "Rule “four fifths”: needs 50 rows → 80 rows.",
    ),
    "needs 50 rows else warn -> else warn": ("looser", "needs 50 rows → nothing."),
    "needs 50 rows else warn -> needs 50 rows": ("stricter", "severity warn → must."),
    "warn not worse -> warn": ("stricter", "mode not worse → point."),
    "interval: point -> interval: sure": ("stricter", "Intervals are read as “sure”"),
    "meaning: approved, due_in: 5 days -> meaning: approved, due_in: 5 working days": (
        "other",
        "Step “release”: due in 5 days → 5 working days.",
    ),
    "valid_for: -> follow_up: {expire_after: 20 working days}\nvalid_for:": (
        "other",
        "A request ends after its due date by 10 working days → 20 working days.",
    ),
    "valid_for: -> follow_up: {remind_before: []}\nvalid_for:": (
        "other",
        "Reminders before the due date: 1 working day → never.",
    ),
    "valid_for: -> follow_up: {half_way: false}\nvalid_for:": (
        "other",
        "Nobody is reminded half-way to the due date.",
    ),
    "365 days -> 400 days": ("looser", "A clearance is valid for 365 days → 400 days."),
    "365 days -> 26 weeks": ("stricter", "365 days → 182 days."),
    "quorum: 1, meaning: approved -> quorum: 2, meaning: approved": (
        "stricter",
        "Step “release” now needs 2 signatures, before 1.",
    ),
    "valid_for: 365 days -> signature: {second_factor: [1]}\nvalid_for: 365 days": (
        "stricter",
        "Signatures in tier 1 take a second factor besides the password.",
    ),
    "duty: A -> duty: R": ("other", "Step “release”: duty A → R."),
    "meaning: approved -> veto: false, meaning: approved": (
        "looser",
        "Step “release”: one rejection no longer ends the request.",
    ),
    "meaning: approved -> parallel: true, meaning: approved": (
        "other",
        "Step “release” is signed together with the step before it.",
    ),
    "meaning: validated -> only_if: {warnings: true}, meaning: validated": (
        "looser",
        "Step “validation” is asked for only if a rule warns.",
    ),
    "valid_for -> minor_change: {unchanged: [artifact]}\nvalid_for": (
        "looser",
        "A change is minor when unchanged: artifact.",
    ),
    "consult: {duty: C, due_in: 3 days} -> # nobody": ("looser", "Nobody is asked for advice"),
    "requester: may not vote -> requester: may vote": (
        "looser",
        "Who asks for approval may vote.",
    ),
    "complete_for: review -> complete_for: register": (
        "stricter",
        "The model card must be complete for register, before for review.",
    ),
    "aliases: [champion] -> aliases: [champion, live]": (
        "stricter",
        "Protects the alias live too.",
    ),
    "stages: [Production] -> stages: []": (
        "looser",
        "Protects the stage Production no longer.",
    ),
    "[artifact changed, evidence -> [evidence": (
        "looser",
        "A clearance lapses on “artifact changed” no longer.",
    ),
    "tiers: [1, 2] -> tiers: [1]": ("other", "Applies to tier 1 or 2 → tier 1."),
    "latest blessed -> alias champion": ("other", "Baseline latest blessed → alias champion."),
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_is_one_sentence_that_says_where_it_leads(change):
    before, after = change.split(" -> ")
    direction, sentence = CHANGES[change]
    assert before in WHOLE

    [found] = differences(read(WHOLE), read(WHOLE.replace(before, after, 1)))

    assert (found.direction, sentence in found.sentence) == (direction, True), found


def test_a_rule_more_is_stricter_a_rule_less_looser_and_a_note_neither():
    few = read(policy_text())
    more = read(policy_text("auc floor: auc at least 0.75", "b: f1 at least 0.5"))
    note = read(policy_text("auc floor: auc at least 0.75", "b: f1 at least 0.5 note"))

    assert [str(one.direction) for one in differences(few, more)] == ["stricter"]
    assert [str(one.direction) for one in differences(more, few)] == ["looser"]
    assert [str(one.direction) for one in differences(few, note)] == ["other"]


def test_steps_are_added_removed_and_moved():
    text = policy_text()
    step = "  - {step: release, activity: approve_release, duty: A, meaning: approved}\n"
    other = "  - {step: validation, activity: independent_validation, duty: R, meaning: v}\n"

    added = differences(read(text), read(text.replace(step, step + other)))
    moved = differences(
        read(text.replace(step, step + other)), read(text.replace(step, other + step))
    )

    assert [one.sentence for one in added] == ["Step “validation” added: 1 signature."]
    assert [one.sentence for one in moved] == [
        "The steps are signed in another order: validation, release."
    ]


def test_the_texts_are_compared_line_by_line():
    lines = text_differences(policy_text(), policy_text("auc floor: auc at least 0.80"))

    changed = [one.text.strip() for one in lines if one.kind != LineKind.SAME][1:]
    assert changed == [
        '-  - "auc floor: auc at least 0.75"',
        '+  - "auc floor: auc at least 0.80"',
    ]
    assert text_differences(policy_text(), policy_text()) == []


METRICS = ["auc", "cost", "ratio(selection_rate, age)", "age_days"]
BOUNDS = {
    "at least": ["{}", "baseline minus {}", "baseline plus {}", "{}% of baseline"],
    "at most": ["{}", "baseline plus {}", "{}% of baseline"],
}
rules = some.builds(
    lambda metric, comparison, size, bound, needs, severity, mode: parse(
        f"r: {metric} {comparison} "
        + BOUNDS[comparison][bound % len(BOUNDS[comparison])].format(size / 100)
        + (f" needs {needs} rows" if needs else "")
        + f" {severity} {mode}"
    ),
    some.sampled_from(METRICS),
    some.sampled_from(sorted(BOUNDS)),
    some.integers(0, 200),
    some.integers(0, 3),
    some.integers(0, 500),
    some.sampled_from([one.value for one in Severity]),
    some.sampled_from([one.value for one in Mode]),
)


@given(some.lists(rules, min_size=1, max_size=5))
def test_a_policy_does_not_differ_from_itself(drawn):
    named = tuple(replace(rule, name=f"rule {n}") for n, rule in enumerate(drawn))
    document = read(policy_text()).model_copy(update={"rules": named})

    assert differences(document, document) == []


def tighter(rule, step, wanted):
    """The same rule, asking for more in the ways that were drawn."""
    if "bound" in wanted:
        name = next(
            one
            for one in ("bound", "baseline_change", "relative")
            if getattr(rule, one) is not None
        )
        sign = 1 if rule.comparison == Comparison.AT_LEAST else -1
        rule = replace(rule, **{name: getattr(rule, name) + sign * step})
    if "needs" in wanted:
        rule = replace(rule, needs_rows=rule.needs_rows + 10)
    if "severity" in wanted:
        rule = replace(rule, severity=SEVERITIES[-1])
    if "mode" in wanted:
        rule = replace(rule, mode=MODES[-1])
    return rule


@given(
    rules,
    some.floats(0.001, 1),
    some.sets(some.sampled_from(["bound", "needs", "severity", "mode"])),
)
def test_a_tightened_rule_is_never_looser_and_the_way_back_never_stricter(rule, step, wanted):
    harder = tighter(rule, step, wanted)

    there = {one.direction for one in aspects(rule, harder, (rule.mode, harder.mode))}
    back = {one.direction for one in aspects(harder, rule, (harder.mode, rule.mode))}

    assert there <= {Direction.STRICTER}
    assert back <= {Direction.LOOSER}
    assert bool(there) == bool(back) == (harder != rule)
