"""What TFX and TensorFlow Model Analysis decide, said in our rule language, case by case.

Each row: a case of TFMA's threshold semantics, our rule for it, and what comes of it.
"""

from math import nan

import pytest

from governance.blessing.figures import Baseline, Figure, Measurements
from governance.blessing.judge import judge, judge_rule
from governance.blessing.verdicts import Outcome, Verdict
from governance.policies.grammar import parse

P, F, M = Outcome.PASS, Outcome.FAIL, Outcome.MISSING
T, N, U = Outcome.TOO_FEW, Outcome.NO_BASELINE, Outcome.UNDEFINED


def figure(value, group="", metric="auc", n=400, positives=100):
    field, _, name = group.partition("=")
    return Figure(metric, field, name, value, None, None, n, positives)


def baseline(value, metric="auc"):
    return Baseline("measured", "v1", "", Measurements([figure(value, metric=metric)]))


def outcome(line, *figures, against=None):
    return judge_rule(parse(line), Measurements(figures), against or Baseline()).outcome


VALUE_THRESHOLDS = [
    # GenericValueThreshold: lower_bound <= m <= upper_bound, both ends inclusive; NaN fails
    ("lower bound, above", "a: auc at least 0.75", 0.76, P),
    ("lower bound, inclusive", "a: auc at least 0.75", 0.75, P),
    ("lower bound, below", "a: auc at least 0.75", 0.7499, F),
    ("upper bound, below", "a: auc at most 0.9", 0.89, P),
    ("upper bound, inclusive", "a: auc at most 0.9", 0.90, P),
    ("upper bound, above", "a: auc at most 0.9", 0.9001, F),
    ("both bounds, inside", "a: auc between 0.7 and 0.9", 0.8, P),
    ("both bounds, lower end", "a: auc between 0.7 and 0.9", 0.7, P),
    ("both bounds, upper end", "a: auc between 0.7 and 0.9", 0.9, P),
    ("both bounds, outside", "a: auc between 0.7 and 0.9", 0.95, F),
    ("not a number", "a: auc at least 0.0", nan, U),
]


@pytest.mark.parametrize(("case", "line", "value", "expected"), VALUE_THRESHOLDS)
def test_value_thresholds(case, line, value, expected):
    assert outcome(line, figure(value)) == expected, case


CHANGE_THRESHOLDS = [
    # GenericChangeThreshold.absolute, HIGHER_IS_BETTER: candidate - baseline >= slack
    ("require improvement", "a: auc at least baseline plus 0.01", 0.81, 0.80, P),
    ("require improvement, too small", "a: auc at least baseline plus 0.01", 0.805, 0.80, F),
    ("limit a regression", "a: auc at least baseline minus 0.01", 0.79, 0.80, P),
    ("limit a regression, too large", "a: auc at least baseline minus 0.01", 0.78, 0.80, F),
    # the usual absolute: -1e-10
    ("no worse, a tie", "a: auc at least baseline minus 0.0000000001", 0.80, 0.80, P),
    # absolute, LOWER_IS_BETTER: candidate - baseline <= slack
    ("lower, limit a regression", "a: cost at most baseline plus 0.01", 0.51, 0.50, P),
    ("lower, too much worse", "a: cost at most baseline plus 0.01", 0.52, 0.50, F),
    ("lower, require improvement", "a: cost at most baseline minus 0.01", 0.48, 0.50, P),
    ("lower, no improvement", "a: cost at most baseline minus 0.01", 0.50, 0.50, F),
    # the reverse direction with a positive slack: limit a suspicious improvement
    ("too good to be true", "a: auc at most baseline plus 0.1", 0.95, 0.80, F),
    ("good, not too good", "a: auc at most baseline plus 0.1", 0.89, 0.80, P),
    # relative, HIGHER: (candidate - baseline) / baseline >= slack
    ("relative, higher", "a: auc at least 101% of baseline", 0.809, 0.80, P),
    ("relative, higher, too little", "a: auc at least 101% of baseline", 0.807, 0.80, F),
    # relative, LOWER: (candidate - baseline) / baseline <= slack
    ("relative, lower", "a: cost at most 97% of baseline", 0.485, 0.50, P),
    ("relative, lower, too much", "a: cost at most 97% of baseline", 0.486, 0.50, F),
    ("a baseline of zero allows no share", "a: cost at most 97% of baseline", 0.1, 0.0, U),
    # the trap: TFMA's quotient turns its sign with a negative baseline, ours is of its size
    ("negative baseline, worse", "a: brier_skill at least 90% of baseline", -0.23, -0.2, F),
    ("negative baseline, as good", "a: brier_skill at least 90% of baseline", -0.2, -0.2, P),
    ("negative baseline, within", "a: brier_skill at least 90% of baseline", -0.215, -0.2, P),
]


@pytest.mark.parametrize(("case", "line", "value", "other", "expected"), CHANGE_THRESHOLDS)
def test_change_thresholds(case, line, value, other, expected):
    metric = parse(line).metric

    found = outcome(line, figure(value, metric=metric), against=baseline(other, metric))

    assert found == expected, case


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.80, Verdict.BLESSED), (0.74, Verdict.NOT_BLESSED), (0.76, Verdict.NOT_BLESSED)],
)
def test_a_value_and_a_change_threshold_on_one_metric_must_both_hold(value, verdict):
    rules = [
        parse("floor: auc at least 0.75"),
        parse("change: auc at least baseline minus 0.01"),
    ]

    judgement = judge(rules, Measurements([figure(value)]), baseline(0.80))

    assert judgement.verdict == verdict


GROUPS = (figure(0.80), figure(0.70, "age=old"), figure(0.60, "age=young"))
SLICES = [
    ("the empty slicing spec is overall", "a: auc at least 0.75", P),
    ("feature_keys: each value of the field", "a: auc at least 0.65 for each age", F),
    ("feature_keys, all values hold", "a: auc at least 0.55 for each age", P),
    ("feature_values: exactly one", "a: auc at least 0.65 for age = old", P),
    ("missing_slices: a named value never occurs", "a: auc at least 0.5 for age = middle", M),
    ("missing_slices: the field was not sliced by", "a: auc at least 0.5 for each home", M),
    ("“Metric not found.”", "a: recall at least 0.5", M),
    ("“Metric not found.” in a slice", "a: recall at least 0.5 for age = old", M),
    # cross_slice_thresholds: the difference between slices
    ("a difference between slices", "a: gap(selection_rate, age) at most 0.2", P),
    ("a difference between slices, too large", "a: gap(selection_rate, age) at most 0.05", F),
    ("missing_cross_slices", "a: gap(selection_rate, home) at most 0.2", M),
]


@pytest.mark.parametrize(("case", "line", "expected"), SLICES)
def test_slices(case, line, expected):
    rates = (
        figure(0.40, "age=old", "selection_rate"),
        figure(0.30, "age=young", "selection_rate"),
    )

    assert outcome(line, *GROUPS, *rates) == expected, case


def test_a_slice_that_is_too_small_is_said_to_be_and_is_no_failure():
    """TFMA replaces its metrics by an error, and the model is not blessed for a metric not found."""
    small = figure(0.60, "age=young", n=20, positives=5)
    rules = [
        parse("all: auc at least 0.75"),
        parse("each: auc at least 0.65 for each age needs 30 rows"),
    ]

    judgement = judge(rules, Measurements([*GROUPS[:2], small]), against="credit v1")

    assert judgement.results[1].outcome == T
    assert judgement.verdict == Verdict.UNDECIDED
    assert "age = young has 20 of the 30 rows needed" in judgement.results[1].sentence


RUBBER_STAMP = [
    # no baseline: change thresholds are set aside, value thresholds stay
    (
        ["floor: auc at least 0.75", "change: auc at least baseline"],
        0.80,
        Verdict.BLESSED_FIRST,
    ),
    (["floor: auc at least 0.85", "change: auc at least baseline"], 0.80, Verdict.NOT_BLESSED),
    # the dead end: nothing but change thresholds; TFX blesses nothing, for ever
    (["change: auc at least baseline"], 0.80, Verdict.NOT_EVALUATED),
    # no thresholds at all: no accidental blessing
    ([], 0.80, Verdict.NOT_EVALUATED),
    (["note: auc at least 0.1 note"], 0.80, Verdict.NOT_EVALUATED),
]


@pytest.mark.parametrize(("lines", "value", "verdict"), RUBBER_STAMP)
def test_without_a_baseline(lines, value, verdict):
    rules = [parse(line) for line in lines]

    assert judge(rules, Measurements([figure(value)])).verdict == verdict


def test_a_change_threshold_without_a_baseline_is_shown_and_not_dropped():
    judgement = judge(
        [parse("floor: auc at least 0.75"), parse("change: auc at least baseline")],
        Measurements([figure(0.8)]),
    )

    assert [one.outcome for one in judgement.results] == [P, N]
    assert "no version has been blessed before" in judgement.results[1].sentence


def test_no_rows_bless_nothing():
    assert (
        judge([parse("floor: auc at least 0.5")], Measurements()).verdict == Verdict.NOT_BLESSED
    )
