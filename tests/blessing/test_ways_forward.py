"""Ways forward: one for each rule in the way, the cheapest first, and each of them enough."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.blessing.figures import Baseline, Difference, Figure, Measurements
from governance.blessing.judge import judge
from governance.blessing.ways_forward import (
    Effort,
    Threshold,
    rows_to_be_sure,
    summary,
    ways_forward,
)
from governance.policies.grammar import parse
from governance.policies.rules import Mode

AUC = Figure("auc", "", "", 0.72, 0.66, 0.78, 400, 100)
YOUNG = replace(AUC, slice_field="age", slice_value="young", value=0.6, n=40, positives=8)
OLD = replace(AUC, slice_field="age", slice_value="old", n=90, positives=40)


def ways(*lines, figures=(AUC, YOUNG, OLD), baseline=None, age_days=None):
    rules = [parse(line) for line in lines]
    found = Measurements(figures, age_days)
    return ways_forward(judge(rules, found, baseline))


def way(line, **given_):
    (found,) = ways(line, **given_)
    return found


SAID = {
    "a: auc at least 0.9": "0.180 short of 0.90.",
    "a: auc at least 0.75": (
        "0.030 short of 0.75, which its interval does not rule out on other rows."
    ),
    "a: auc at most 0.5": "0.220 over 0.50.",
    "a: auc at least 0.7 sure": (
        "The value is right, but not surely: about 3,200 more rows would narrow its interval "
        "enough, if the value stays."
    ),
    "a: auc at least 0.72 sure": "It lies on its bound: no number of rows makes that sure.",
    "a: auc at least 0.5 needs 1000 rows": "Evaluate on 600 more rows.",
    "a: auc at least 0.5 needs 400 rows and 150 positives": "Evaluate on 200 more rows.",
    "a: auc at least 0.5 for each age needs 100 rows": (
        "Evaluate on 60 more rows of age = young, 10 more rows of age = old."
    ),
    "a: auc at least 0.5 for each age needs 40 rows and 20 positives": (
        "Evaluate on 60 more rows of age = young."
    ),
    "a: auc at least 0.7 for each age": (
        "0.100 short of 0.70 in age = young, which its interval does not rule out on other rows."
    ),
    "a: auc at least 0.9 for each age": "0.300 short of 0.90 in age = young (2 groups fail).",
    "a: cost at most 0.7": (
        "Evaluate again with what the metric needs: cost was not measured."
    ),
    "a: auc at least 0.7 for each home": (
        "Evaluate again with home among the slices: auc was not measured for groups of home."
    ),
    "a: latency_p95 at most 20": (
        "Have the artifact checked: no infra check of this version has passed."
    ),
    "a: psi(age) at most 0.1": (
        "Record the training data with its file, and name it when registering a version: "
        "the drift of age was not measured."
    ),
    "a: age_days at most 30": (
        "Say the period when you hand in the evaluation: the evaluation does not say which period "
        "its data cover."
    ),
}


@pytest.mark.parametrize(("line", "sentence"), SAID.items())
def test_each_way_is_said_in_one_breath(line, sentence):
    assert way(line).sentence == sentence


def test_old_data_need_newer_ones():
    assert way("a: age_days at most 30", age_days=45).sentence == (
        "15 days over 30: evaluate on newer data."
    )


def test_an_unmeasured_baseline_is_to_be_evaluated_first():
    baseline = Baseline(
        "unmeasured", "v1", "v1 was not evaluated on these rows; evaluate it on x first"
    )

    assert way("a: auc at least baseline", baseline=baseline).sentence == (
        "Evaluate the baseline too, and this version is judged again: v1 was not evaluated on "
        "these rows; evaluate it on x first."
    )


def test_acts_come_before_rows_and_rows_before_a_better_model():
    found = ways(
        "better: auc at least 0.9",
        "nearly: auc at least 0.73",
        "many: auc at least 0.5 needs 5000 rows",
        "some: auc at least 0.5 needs 500 rows",
        "act: cost at most 0.7",
    )

    assert [one.rule for one in found] == ["act", "some", "many", "nearly", "better"]
    assert [one.effort for one in found] == [
        Effort.AN_ACT,
        Effort.MORE_ROWS,
        Effort.MORE_ROWS,
        Effort.A_BETTER_MODEL,
        Effort.A_BETTER_MODEL,
    ]
    assert summary(found) == "5 rules are in the way, act the cheapest to put right."


def test_warnings_and_rules_that_pass_are_in_nobodys_way():
    assert (
        ways("a: auc at least 0.9 warn", "b: auc at least 0.5", "c: auc at least 0.9 note")
        == []
    )
    assert summary([]) == ""


def test_the_rows_that_make_a_difference_sure_are_those_of_its_paired_interval():
    difference = Difference("auc", 0.02, -0.02, 0.06, n=400)
    baseline = Baseline(
        "measured", "v1", "", Measurements([replace(AUC, value=0.70)]), [difference]
    )

    found = way("a: auc at least baseline sure", baseline=baseline)

    assert found.rows_missing == 1200


@given(
    st.floats(0.55, 0.95),
    st.floats(0.005, 0.2),
    st.integers(50, 10_000),
    st.floats(0.001, 0.2),
)
def test_as_many_rows_as_are_asked_for_are_enough(value, half, n, margin):
    """The interval of a mean narrows with the root of its rows."""
    rule = parse(f"a: auc at least {value - margin:.12f}")
    figure = Figure("auc", "", "", value, value - half, value + half, n)
    part = judge([rule], Measurements([figure])).results[0].deciding

    rows = rows_to_be_sure(part)
    narrowed = half * (n / rows) ** 0.5
    grown = replace(figure, low=value - narrowed, high=value + narrowed, n=rows)

    assert rows >= n
    assert judge([rule], Measurements([grown]), mode=Mode.SURE).results[0].outcome == "pass"


COST = Figure("cost", "", "", 0.86, 0.68, 1.03, 400, 120)


def test_a_cost_that_another_threshold_puts_right_asks_for_no_better_model():
    judgement = judge([parse("a: cost at most 0.7")], Measurements([COST]))

    (found,) = ways_forward(judgement, Threshold(0.17, 0.566))

    assert found.effort == Effort.AN_ACT
    assert found.sentence == (
        "Decide at another threshold: at 0.17 a case would cost 0.57 on these rows. "
        "Register that as a version and evaluate it."
    )


@pytest.mark.parametrize(
    ("line", "cheapest"),
    [("a: cost at most 0.5", Threshold(0.17, 0.566)), ("a: cost at most 0.7", None)],
)
def test_a_threshold_that_is_not_enough_is_not_offered(line, cheapest):
    (found,) = ways_forward(judge([parse(line)], Measurements([COST])), cheapest)

    assert found.effort == Effort.A_BETTER_MODEL
