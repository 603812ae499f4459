"""The rule language: what each part means, that text and rule match, and how errors are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.grammar import RuleError, parse
from governance.policies.rules import Comparison, Mode, Severity

STANDARDS = [
    "auc floor: auc at least 0.75 overall must",
    "no regression: auc at least baseline minus 0.01 overall must",
    "cost: cost at most 97% of baseline overall warn",
    "weak groups: auc at least 0.65 for each age_group needs 100 rows and 25 positives must",
    "four fifths: ratio(selection_rate, age_group) at least 0.80 needs 100 rows warn",
    "equal chance: gap(tpr, age_group) at most 0.10 needs 100 rows and 25 positives warn",
    "too good: auc at most baseline plus 0.10 overall warn",
    "fresh data: age_days at most 180 must",
    "drift: psi(age) at most 0.2",
    "drift too: js(age) at most 0.1 note",
    "slow: latency_p95 at most 200",
    "crossed: auc at least 0.6 for each age_group x housing",
    "own: auc at least 0.6 for housing = own",
    "both ends: auc between 0.7 and 0.9",
]


@pytest.mark.parametrize("line", STANDARDS)
def test_every_form_of_the_language_reads_and_renders_back(line):
    rule = parse(line)

    assert parse(str(rule)) == rule
    assert rule.text == line


def test_a_rule_without_more_words_must_hold_overall_in_the_policys_mode():
    rule = parse("auc floor: auc at least 0.75")

    assert (rule.severity, rule.mode, rule.slice_fields) == (Severity.MUST, None, ())
    assert (rule.comparison, rule.bound) == (Comparison.AT_LEAST, 0.75)


def test_else_before_the_severity_is_optional():
    with_else = parse("a: auc at least 0.7 needs 100 rows else warn")
    without = parse("a: auc at least 0.7 needs 100 rows warn")

    assert with_else == without


@pytest.mark.parametrize(
    ("bound", "change", "share"),
    [
        ("baseline", 0.0, None),
        ("baseline minus 0.01", -0.01, None),
        ("baseline plus 0.1", 0.1, None),
        ("57% of baseline", None, 0.57),
    ],
)
def test_a_bound_may_come_from_the_baseline(bound, change, share):
    rule = parse(f"a: auc at least {bound}")

    assert (rule.baseline_change, rule.relative, rule.is_relative) == (change, share, True)
    assert parse(str(rule)) == rule


@pytest.mark.parametrize("mode", list(Mode))
def test_a_rule_may_have_a_mode_of_its_own(mode):
    after, before = (
        parse(f"a: auc at least 0.7 {words}")
        for words in (f"warn {mode.value}", f"{mode.value} warn")
    )

    assert after.mode == mode
    assert after == before


def test_a_group_is_named_by_field_and_value():
    rule = parse('a: auc at least 0.7 for "age group" = "25 or \\"less\\""')

    assert (rule.slice_fields, rule.slice_value) == (("age group",), '25 or "less"')
    assert not rule.is_for_each
    assert parse(str(rule)) == rule


def test_tpr_is_another_word_for_recall():
    assert parse("a: tpr at least 0.7").metric == "recall"


@pytest.mark.parametrize(
    ("line", "column", "part"),
    [
        ("no colon", 1, "begins with its name"),
        (": auc at least 0.7", 1, "begins with its name"),
        ("a: auc at leest 0.7", 8, "“at” is not understood"),
        ("a: auc at least", 16, "ends too early"),
        ("a: auc at least 0.7 whatever", 21, "“whatever” is not understood"),
        ("a: auc at least 70%", 20, "expected of"),
        ("a: auc at least baseline minus -0.1", 32, "without a sign"),
        ("a: auc at least 0.7 needs 10", 29, "expected rows"),
        ("a: auc at least 0.7 for each", 29, "expected a name"),
        ("a: auc at least 1e9", 18, "not understood"),
    ],
)
def test_an_error_names_the_column_and_what_was_expected(line, column, part):
    with pytest.raises(RuleError) as refusal:
        parse(line)

    assert refusal.value.column == column
    assert part in refusal.value.sentence


def test_a_rule_has_a_bounded_length():
    with pytest.raises(RuleError, match="at most 500"):
        parse(f"a: auc at least 0.7 for housing = {'x' * 500}")


WORDS = {
    "auc floor: auc at least 0.75": "ROC AUC must be at least 0.75 over all rows",
    "a: cost at most 97% of baseline warn": "Cost per case should be at most 97% of the baseline's",
    "a: ratio(selection_rate, age) at least 0.8": "The lowest selection rate among the groups of age",
    "a: gap(tpr, age) at most 0.1 note": "The gap in recall between the groups of age",
    "a: age_days at most 180": "The age of the evaluation data in days must be at most 180;",
    "a: auc at least 0.6 for housing = own": "where housing is own",
    "a: f1 at least 0.6 for each housing needs 100 rows": "in each group of housing, given at least 100 rows",
}


@pytest.mark.parametrize(("line", "words"), WORDS.items())
def test_a_rule_reads_as_a_plain_sentence(line, words):
    assert words in parse(line).sentence()


numbers = st.decimals(min_value=-999, max_value=999, places=4).map(str)
sizes = st.decimals(min_value=0, max_value=999, places=4).map(str)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
quoted = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
measures = st.one_of(
    names,
    st.builds("{}({}, {})".format, st.sampled_from(["gap", "ratio"]), names, names | quoted),
)
bounds = st.one_of(
    st.builds("at least {}".format, numbers),
    st.builds("at most {}".format, numbers),
    st.builds("between {} and {}".format, numbers, numbers),
    st.builds("at least baseline {} {}".format, st.sampled_from(["minus", "plus"]), sizes),
    st.builds("at most {}% of baseline".format, sizes),
)
wheres = st.one_of(
    st.just(""),
    st.just("overall"),
    st.builds("for each {}".format, names | quoted),
    st.builds("for each {} x {}".format, names, names),
    st.builds("for {} = {}".format, names, names | quoted),
)
needs = st.one_of(
    st.just(""),
    st.builds("needs {} rows".format, st.integers(1, 10_000)),
    st.builds(
        "needs {} rows and {} positives".format, st.integers(1, 9_999), st.integers(1, 99)
    ),
)
tails = st.builds(
    "{} {}".format,
    st.sampled_from(["", "must", "warn", "else note"]),
    st.sampled_from(["", "point", "sure", "not worse"]),
)


@given(measures, bounds, wheres, needs, tails)
def test_whatever_reads_renders_to_the_same_rule(measure, bound, where, need, tail):
    rule = parse(f"any name: {measure} {bound} {where} {need} {tail}")

    assert parse(str(rule)) == rule
    assert str(parse(str(rule))) == str(rule)
    assert rule.sentence().endswith(".")


@given(st.text(max_size=60))
def test_any_text_reads_or_is_refused_with_a_sentence(text):
    try:
        parse(f"name:{text}")
    except RuleError as refusal:
        assert refusal.sentence.endswith(".")
        assert refusal.column >= 1
