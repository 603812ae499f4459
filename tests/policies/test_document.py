"""A policy's text: its typed values, its bounds, and errors that name their line."""

from datetime import timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.document import (
    FollowUp,
    InvalidPolicy,
    PolicyDocument,
    duration_text,
    parse_duration,
    read,
)
from governance.policies.rules import Mode
from tests.policies.factories import EXAMPLES, policy_text

DESIGN = """\
policy: credit-decisions
applies_to: {tiers: [1, 2], tags: {domain: credit}}
protects: {aliases: [champion], stages: [Production]}
baseline: latest blessed            # or: alias champion | version 3
interval: point                     # point | sure | not worse
rules:
  - "auc floor: auc at least 0.75"
  - "cost beats rejecting everyone: cost at most 0.70"
  - "no regression: auc at least baseline minus 0.01"
  - "weak groups: auc at least 0.65 for each age_group needs 100 rows and 25 positives"
  - "four fifths: ratio(selection_rate, age_group) at least 0.80 needs 100 rows else warn"
card: {complete_for: review}
approvals:
  - {step: validation, activity: independent_validation, duty: R, quorum: 1, meaning: validated}
  - {step: release, activity: approve_release, duty: A, quorum: 1, meaning: approved, due_in: 5 days}
consult: {duty: C, due_in: 3 days}
separation: {requester: may not vote, contributors: may not vote}
valid_for: 365 days
lapses_on: [artifact changed, evidence changed, monitor breach, kpi missed, exception expired]
"""


def refused(text):
    with pytest.raises(InvalidPolicy) as refusal:
        read(text)
    return refusal.value


def test_the_whole_form_reads_as_typed_values():
    policy = read(DESIGN)

    assert policy.valid_for == timedelta(days=365)
    assert [step.due_in for step in policy.approvals] == [None, timedelta(days=5)]
    assert policy.protects.aliases == ("champion",)
    assert policy.baseline.kind == "latest blessed"
    assert policy.interval is Mode.POINT
    assert [rule.name for rule in policy.rules][3:] == ["weak groups", "four fifths"]
    assert policy.separation.requester_may_vote is False
    assert "kpi missed" in policy.lapses_on


def test_what_is_left_out_takes_the_careful_default():
    policy = read(policy_text())

    assert policy.protects.aliases == ("champion",)
    assert policy.protects.stages == ("Production",)
    assert policy.separation.contributors == "may not vote"
    assert policy.card.complete_for == "review"
    assert policy.consult is None
    assert len(policy.lapses_on) == 5


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_example_policies_read(path):
    assert read(path.read_text()).policy == path.stem


def test_a_rule_may_stand_without_quotes():
    text = policy_text().replace(
        '"auc floor: auc at least 0.75"', "auc floor: auc at least 0.75"
    )

    assert read(text).rules == read(policy_text()).rules


@pytest.mark.parametrize(
    ("words", "kind", "alias", "number"),
    [
        ("latest blessed", "latest blessed", "", 0),
        ("alias champion", "alias", "champion", 0),
        ("version 3", "version", "", 3),
    ],
)
def test_the_baseline_is_one_of_three_kinds(words, kind, alias, number):
    baseline = read(policy_text(baseline=words)).baseline

    assert (baseline.kind, baseline.alias, baseline.number) == (kind, alias, number)
    assert str(baseline) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 days", timedelta(days=5)),
        ("1 day", timedelta(days=1)),
        ("12 hours", timedelta(hours=12)),
        ("2 weeks", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text, expected):
    assert parse_duration(text) == expected


@pytest.mark.parametrize("words", ["5 working days", "1 working day", "12 hours", "3 days"])
def test_a_due_time_reads_as_it_is_written(words):
    text = DESIGN.replace("due_in: 3 days", f"due_in: {words}")

    assert duration_text(read(text).consult.due_in) == words


def test_a_policy_that_says_nothing_of_the_follow_up_has_that_of_the_house():
    assert read(DESIGN).follow_up == FollowUp()


BAD = {
    "365 days -> 365 days\nconsult: {due_in: 0 working days}": "Write 1 to 250 working days.",
    "365 days -> 365 days\nconsult: {due_in: soon}": "Write a time as in “5 working days”",
    "365 days -> 5 working days": "Write a duration as in “5 days”",
    "365 days -> 365 days\nfollow_up: {expires_after: 2 days}": "did you mean “expire_after”?",
    "valid_for: 365 days -> valid_fr: 365 days": "Line 9, column 1: “valid_fr” is not known here; did you mean “valid_for”?",
    "365 days -> 6 months": "Write a duration as in “5 days”",
    "365 days -> 0 days": "Write a duration as in “5 days”",
    "duty: A -> duty: C": "“C” is not known here; known are A, R.",
    "latest blessed -> newest": "Write “latest blessed”, “alias champion” or “version 3”.",
    "interval: point -> interval: sometimes": "Line 4, column 1: “sometimes” is not known here",
    "tiers: [1] -> tiers: [4]": "Line 2, column 22: applies_to.tiers: it should be less than or equal to 3.",
    "tiers: [1] -> tiers: [yes]": "applies_to.tiers: it should be a valid integer.",
    "{tiers: [1]} -> {}": "Say at least one of tiers, tags or use_cases.",
    "tiers: -> tierz:": "did you mean “tiers”?",
    "policy: credit -> policy: Credit Decisions": "lower-case letters, digits and single hyphens",
    "auc at least 0.75 -> auc at leest 0.75": "Line 6, column 21: “at” is not understood; expected at least, at most, between.",
    "rules: -> rules: &anchor": "Anchors and aliases are not accepted.",
    "credit -> !!python/name:os.system credit": "Tags such as !!str are not accepted.",
    "interval: point -> baseline: latest blessed": "“baseline” stands here twice.",
    "[1] -> [[[[[[[[[1]]]]]]]]]": "Lists lie more than 8 deep.",
    "[1] -> [1": "This is not YAML",
    "credit -> cr\x00edit": "This is not YAML",
}


@pytest.mark.parametrize("change", BAD)
def test_bad_text_is_refused_with_its_place(change):
    before, after = change.split(" -> ")

    refusal = refused(policy_text().replace(before, after, 1))

    assert BAD[change] in " ".join(refusal.reasons)
    assert refusal.field == "text"


@pytest.mark.parametrize("text", ["", "# nothing", "word", "- list", "[", "1: 2", "? [a]\n: b"])
def test_what_is_no_policy_at_all_is_refused(text):
    assert refused(text).sentence.endswith(".")


def test_every_problem_is_told_at_once():
    text = policy_text().replace("365 days", "soon").replace("duty: A", "duty: B")

    assert len(refused(text).problems) == 2


def test_a_large_text_is_refused_before_it_is_read():
    assert "at most 64 kB" in refused(policy_text() + "#" * 70_000).sentence


def test_many_small_values_are_refused():
    assert "over 4000 values" in refused(f"rules: [{'a,' * 5000}]").sentence


@given(st.text(max_size=400))
def test_any_text_reads_or_is_refused_with_sentences(text):
    try:
        read(text)
    except InvalidPolicy as refusal:
        assert all(problem.sentence for problem in refusal.problems)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(PolicyDocument.model_fields)), VALUES)
def test_any_value_at_any_key_reads_or_is_refused_with_sentences(key, value):
    data = yaml.safe_load(policy_text()) | {key: value}

    try:
        read(yaml.safe_dump(data))
    except InvalidPolicy as refusal:
        assert all(problem.sentence for problem in refusal.problems)


BOMBS = {
    "a billion laughs": "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "a merge key": "base: &base {policy: x}\n<<: *base\n",
    "a tag that makes an object": "policy: !!python/object/apply:os.system ['true']\n",
    "a tag of our own": "policy: !secret x\n",
    "many levels": "policy: " + "[" * 60 + "]" * 60,
    "a megabyte": "policy: " + "x" * 1_000_000,
    "a million empty lists": "[" + "[]," * 15_000 + "]",
    "two documents": "policy: a\n---\npolicy: b\n",
    "a null byte": "policy: a\0b\n",
    "half a surrogate": "policy: \ud800\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_no_time(bomb):
    with pytest.raises(InvalidPolicy):
        read(BOMBS[bomb])


def test_a_number_as_text_is_refused_where_a_number_is_meant():
    text = policy_text().replace("meaning: approved", 'quorum: "2", meaning: approved')

    with pytest.raises(InvalidPolicy, match="quorum"):
        read(text)
