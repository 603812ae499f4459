"""Moving the numbers of a rule: only they change, nonsense is refused, and no other rule flips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.backtests.what_if import (
    NotThatNumber,
    bounds_of,
    moved,
    rewritten,
    what_if,
    with_rules,
)
from governance.policies.grammar import parse
from tests.backtests.factories import blessed, governed_model, policy, version_of

RULES = [
    "floor: auc at least 0.60",
    "band: auc between 0.50 and 0.99",
    "no regression: auc at least baseline minus 0.05",
    "share: auc at least 97% of baseline else warn",
    "groups: auc at least 0.50 for each age needs 50 rows and 20 positives",
    "four fifths: ratio(selection_rate, age) at least 0.80 needs 50 rows else note",
    "steady: psi(age) at most 0.2 else warn",
]


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        (RULES[0], [("bound", "at least", "0.60", "")]),
        (RULES[1], [("bound", "between", "0.50", ""), ("upper", "and", "0.99", "")]),
        (RULES[2], [("baseline_change", "at least the baseline plus", "-0.05", "")]),
        (RULES[3], [("relative", "at least", "97", "% of the baseline")]),
        (
            RULES[4],
            [
                ("bound", "at least", "0.50", ""),
                ("needs_rows", "needs", "50", "rows"),
                ("needs_positives", "and", "20", "positives"),
            ],
        ),
        ("whole: age_days at most 180", [("bound", "at most", "180", "")]),
    ],
)
def test_the_numbers_of_a_rule_in_the_order_it_says_them(line, numbers):
    found = [(one.key, one.label, one.text, one.unit) for one in bounds_of(parse(line))]

    assert found == numbers


@pytest.mark.parametrize(
    ("line", "numbers", "becomes"),
    [
        (RULES[0], {"bound": " 0.7 "}, "floor: auc at least 0.70"),
        (RULES[0], {"bound": ""}, "floor: auc at least 0.60"),
        (RULES[0], {"unknown": "1"}, "floor: auc at least 0.60"),
        (RULES[1], {"upper": "0.8"}, "band: auc between 0.50 and 0.80"),
        (RULES[2], {"baseline_change": "\N{MINUS SIGN}0.1"}, "no regression: auc at least baseline minus 0.10"),
        (RULES[2], {"baseline_change": "0"}, "no regression: auc at least baseline"),
        (RULES[2], {"baseline_change": "0.1"}, "no regression: auc at least baseline plus 0.10"),
        (RULES[3], {"relative": "57"}, "share: auc at least 57% of baseline warn"),
        (RULES[4], {"needs_rows": "10"}, "groups: auc at least 0.50 for each age needs 10 rows and 20 positives"),
    ],
)  # fmt: skip
def test_a_number_is_moved_and_the_rest_stays(line, numbers, becomes):
    assert str(moved(parse(line), numbers)) == becomes


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        (RULES[0], {"bound": "1,000"}),
        (RULES[0], {"bound": "inf"}),
        (RULES[0], {"bound": "0.5 needs 3 rows"}),
        (RULES[0], {"bound": "9" * 400}),
        (RULES[0], {"bound": "1.5"}),
        (RULES[1], {"bound": "0.995"}),
        (RULES[3], {"relative": "-5"}),
        (RULES[4], {"needs_rows": "0"}),
        (RULES[4], {"needs_rows": "2.5"}),
    ],
)
def test_nonsense_is_refused_with_a_sentence(line, numbers):
    with pytest.raises(NotThatNumber) as refused:
        moved(parse(line), numbers)
    assert str(refused.value).endswith(".")


@given(st.sampled_from(RULES), st.text(max_size=40))
def test_whatever_is_written_becomes_a_rule_or_a_refusal(line, written):
    rule = parse(line)
    for bound in bounds_of(rule):
        try:
            changed = moved(rule, {bound.key: written})
        except NotThatNumber:
            continue
        assert parse(str(changed)) == changed


@pytest.mark.django_db
def test_moving_one_bound_flips_that_rule_and_no_other():
    policy(*RULES)
    model = governed_model()
    blessed(version_of(model))
    blessing = blessed(version_of(model))
    document = blessing.policy_version.parsed
    unreachable = {
        "floor": {"bound": "0.9999"},
        "band": {"bound": "0.98"},
        "no regression": {"baseline_change": "0.5"},
        "share": {"relative": "200"},
        "groups": {"needs_rows": "100000"},
        "four fifths": {"needs_rows": "100000"},
    }

    for name, numbers in unreachable.items():
        rules = [moved(rule, numbers) if rule.name == name else rule for rule in document.rules]
        tried = what_if(blessing, with_rules(document, rules), against="a change")
        assert [one.rule.name for one in tried.flips] == [name]
        must = next(rule for rule in rules if rule.name == name).is_must
        assert tried.passes is not must


@pytest.mark.django_db
def test_a_rule_that_is_left_out_is_told_of():
    policy(*RULES[:2])
    blessing = blessed(version_of(governed_model()))
    document = with_rules(blessing.policy_version.parsed, [rewritten(RULES[0])])

    tried = what_if(blessing, document, against="less")

    assert [one.name for one in tried.gone] == ["band"]
    assert tried.sentence == "It would still pass. No rule comes to another outcome."
