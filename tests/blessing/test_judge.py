"""The judge: every outcome in every mode, the verdicts, and that better never means worse."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governance.blessing.figures import Baseline, Difference, Figure, Measurements
from governance.blessing.judge import TOLERANCE, Exemption, judge, judge_rule
from governance.blessing.verdicts import Outcome, Verdict
from governance.policies.grammar import parse
from governance.policies.rules import Mode

P, F, M = Outcome.PASS, Outcome.FAIL, Outcome.MISSING
T, N, U = Outcome.TOO_FEW, Outcome.NO_BASELINE, Outcome.UNDEFINED
MODES = (Mode.POINT, Mode.SURE, Mode.NOT_WORSE)


def auc(value=0.80, low=0.74, high=0.86, *, n=400, positives=120, group=""):
    field, _, name = group.partition("=")
    return Figure("auc", field, name, value, low, high, n, positives)


def measured(value, low, high):
    return Measurements([auc(value, low, high)])


def against(value, *difference):
    """A baseline with this AUC and the paired difference from it."""
    differences = [Difference("auc", *difference)] if difference else []
    return Baseline("measured", "credit v2", "", Measurements([auc(value)]), differences)


def outcome(line, measurements, baseline=None, mode=Mode.POINT):
    return judge_rule(parse(line), measurements, baseline or Baseline(), mode=mode).outcome


def sentence(line, measurements, baseline=None, mode=Mode.POINT):
    return judge_rule(parse(line), measurements, baseline or Baseline(), mode=mode).sentence


ABSOLUTE = [
    # rule, value, low, high: point, sure, not worse
    ("a: auc at least 0.7", 0.80, 0.74, 0.86, P, P, P),
    ("a: auc at least 0.8", 0.80, 0.74, 0.86, P, F, P),
    ("a: auc at least 0.85", 0.80, 0.74, 0.86, F, F, P),
    ("a: auc at least 0.9", 0.80, 0.74, 0.86, F, F, F),
    ("a: auc at most 0.9", 0.80, 0.74, 0.86, P, P, P),
    ("a: auc at most 0.8", 0.80, 0.74, 0.86, P, F, P),
    ("a: auc at most 0.75", 0.80, 0.74, 0.86, F, F, P),
    ("a: auc at most 0.7", 0.80, 0.74, 0.86, F, F, F),
    ("a: auc between 0.7 and 0.9", 0.80, 0.74, 0.86, P, P, P),
    ("a: auc between 0.79 and 0.81", 0.80, 0.74, 0.86, P, F, P),
    ("a: auc between 0.81 and 0.9", 0.80, 0.74, 0.86, F, F, P),
    ("a: auc between 0.87 and 0.9", 0.80, 0.74, 0.86, F, F, F),
    ("a: auc at least 0.7", 0.80, None, None, P, U, P),
    ("a: auc at least 0.9", 0.80, None, None, F, U, F),
    ("a: auc at least 0.7", None, None, None, U, U, U),
    ("a: auc at least 0.7", float("nan"), 0.1, 0.9, U, U, U),
    ("a: auc at least 0.7", float("inf"), 0.1, 0.9, U, U, U),
    ("a: auc at least 0.7 needs 401 rows", 0.80, 0.74, 0.86, T, T, T),
    ("a: auc at least 0.7 needs 400 rows and 121 positives", 0.80, 0.74, 0.86, T, T, T),
    ("a: auc at least 0.7 needs 400 rows and 120 positives", 0.80, 0.74, 0.86, P, P, P),
    ("a: cost at most 0.7", 0.80, 0.74, 0.86, M, M, M),
    ("a: auc at least 0.7 for housing = own", 0.80, 0.74, 0.86, M, M, M),
    ("a: auc at least 0.7 for each housing", 0.80, 0.74, 0.86, M, M, M),
    ("a: gap(recall, housing) at most 0.1", 0.80, 0.74, 0.86, M, M, M),
    ("a: auc at least baseline", 0.80, 0.74, 0.86, N, N, N),
    ("a: age_days at most 180", 0.80, 0.74, 0.86, M, M, M),
]


@pytest.mark.parametrize("row", ABSOLUTE, ids=lambda row: f"{row[0]}, {row[1]}")
def test_every_outcome_in_every_mode(row):
    line, value, low, high, *expected = row

    found = [outcome(line, measured(value, low, high), mode=mode) for mode in MODES]

    assert found == expected


RELATIVE = [
    # rule, baseline, paired difference: point, sure, not worse (the candidate's AUC is 0.80)
    ("a: auc at least baseline", 0.79, (0.01, -0.02, 0.04), P, F, P),
    ("a: auc at least baseline", 0.77, (0.03, 0.01, 0.05), P, P, P),
    ("a: auc at least baseline", 0.81, (-0.01, -0.04, 0.02), F, F, P),
    ("a: auc at least baseline", 0.85, (-0.05, -0.08, -0.02), F, F, F),
    ("a: auc at least baseline minus 0.01", 0.81, (-0.01, -0.04, 0.02), P, F, P),
    ("a: auc at most baseline plus 0.1", 0.70, (0.10, 0.05, 0.15), P, F, P),
    ("a: auc at least 97% of baseline", 0.82, (-0.02, -0.04, 0.0), P, F, P),
    ("a: auc at least 110% of baseline", 0.79, (0.01, -0.02, 0.04), F, F, F),
    ("a: auc at least baseline", 0.79, (0.01, None, None), P, U, P),
    ("a: auc at least baseline", 0.79, (), P, U, P),
    ("a: auc at least 97% of baseline", 0.0, (), U, U, U),
    ("a: auc at least baseline", None, (), U, U, U),
]


@pytest.mark.parametrize("row", RELATIVE, ids=lambda row: f"{row[0]}, {row[1]}")
def test_a_baseline_rule_uses_the_paired_interval(row):
    line, value, difference, *expected = row
    baseline = against(value, *difference)

    found = [outcome(line, measured(0.80, 0.74, 0.86), baseline, mode) for mode in MODES]

    assert found == expected


def test_a_rules_own_mode_goes_before_the_policys():
    measurements = measured(0.80, 0.74, 0.86)

    assert outcome("a: auc at least 0.79 sure", measurements) == F
    assert outcome("a: auc at least 0.79 point", measurements, mode=Mode.SURE) == P


def test_an_exact_tie_with_the_baseline_passes_in_spite_of_binary_fractions():
    # 0.80 - 0.01 is a little more than 0.79.
    assert (
        outcome("a: auc at least baseline minus 0.01", measured(0.79, 0, 1), against(0.80)) == P
    )


def test_a_share_of_a_negative_baseline_asks_for_less():
    figure = replace(auc(-2.05, None, None), metric="brier_skill")
    base = replace(auc(-2.0, None, None), metric="brier_skill")
    baseline = Baseline("measured", "v1", "", Measurements([base]))

    line = "a: brier_skill at least 97% of baseline"
    assert outcome(line, Measurements([figure]), baseline) == P


def test_a_baseline_that_was_not_measured_on_these_rows_is_missing():
    baseline = Baseline("unmeasured", "credit v2", "credit v2 was not evaluated on these rows")

    assert outcome("a: auc at least baseline", measured(0.8, 0.7, 0.9), baseline) == M


# Groups


def ages(young, old, *, n=84):
    return Measurements(
        [auc(young, n=n, positives=35, group="age=young"), auc(old, n=316, group="age=old")]
    )


def test_the_worst_group_decides_for_each():
    result = judge_rule(parse("a: auc at least 0.7 for each age"), ages(0.6, 0.8), Baseline())

    assert (result.outcome, result.deciding.figure.label) == (F, "age = young")
    assert [part.outcome for part in result.parts] == [F, P]


def test_the_group_closest_to_the_bound_is_named_when_all_pass():
    result = judge_rule(parse("a: auc at least 0.5 for each age"), ages(0.8, 0.6), Baseline())

    assert result.deciding.figure.label == "age = old"


def test_a_small_group_is_too_few_but_a_failing_one_goes_before():
    line = "a: auc at least 0.7 for each age needs 100 rows"

    assert outcome(line, ages(0.6, 0.8)) == T
    assert outcome(line, ages(0.6, 0.6)) == F


def test_a_hidden_group_is_too_few_and_an_undefined_one_is_undefined():
    line = "a: auc at least 0.7 for each age"

    assert outcome(line, ages(None, 0.8, n=9)) == T
    assert outcome(line, ages(None, 0.8, n=10)) == U


def test_one_named_group_is_compared_with_the_same_group_of_the_baseline():
    baseline = Baseline(
        "measured", "v1", "", ages(0.9, 0.5), [Difference("auc", 0.3, 0.2, 0.4)]
    )

    assert outcome("a: auc at least baseline for age = young", ages(0.8, 0.8), baseline) == F
    assert outcome("a: auc at least baseline for age = old", ages(0.8, 0.8), baseline) == P


def rates(metric, *groups):
    return Measurements(
        [
            Figure(metric, "age", name, value, low, high, n, positives)
            for name, value, low, high, n, positives in groups
        ]
    )


YOUNG = ("young", 18 / 84, 0.14, 0.31, 84, 35)
OLD = ("old", 125 / 316, 0.34, 0.45, 316, 85)
FOUR_FIFTHS = "four fifths: ratio(selection_rate, age) at least 0.80 needs 50 rows else warn"


def test_a_ratio_has_the_interval_of_its_logarithm():
    result = judge_rule(parse(FOUR_FIFTHS), rates("selection_rate", YOUNG, OLD), Baseline())

    figure = result.deciding.figure
    assert (round(figure.value, 2), round(figure.low, 2), round(figure.high, 2)) == (
        0.54,
        0.35,
        0.83,
    )
    assert result.sentence == "Four fifths: 0.54 [0.35, 0.83], below 0.80 — warning."


def test_a_gap_joins_the_intervals_of_its_groups():
    line = "a: gap(selection_rate, age) at most 0.1"
    result = judge_rule(parse(line), rates("selection_rate", YOUNG, OLD), Baseline())

    figure = result.deciding.figure
    assert figure.low < figure.value < figure.high
    assert (result.outcome, figure.slice_value) == (F, "young against old")


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([YOUNG, OLD], F),
        ([OLD, ("older", 0.39, 0.3, 0.5, 200, 60)], P),
        ([YOUNG, OLD, ("oldest", 0.4, 0.1, 0.7, 12, 3)], F),
        ([OLD, ("older", 0.39, 0.3, 0.5, 200, 60), ("oldest", 0.4, 0.1, 0.7, 12, 3)], T),
        ([OLD, ("oldest", None, None, None, 8, None)], T),
        ([OLD], T),
        ([OLD, ("older", None, None, None, 200, 60)], U),
        ([("a", 0.0, 0.0, 0.1, 100, 30), ("b", 0.0, 0.0, 0.1, 100, 30)], U),
        ([("a", 0.0, 0.0, 0.1, 100, 30), ("b", 0.5, 0.4, 0.6, 100, 30)], F),
    ],
)
def test_a_ratio_judges_the_groups_that_are_large_enough(groups, expected):
    assert outcome(FOUR_FIFTHS, rates("selection_rate", *groups)) == expected


def test_the_age_of_the_data_is_held_against_its_bound():
    assert outcome("a: age_days at most 180", Measurements(age_days=180)) == P
    assert outcome("a: age_days at most 180 sure", Measurements(age_days=181)) == F


# Verdicts

PASSES, FAILS = "pass: auc at least 0.7", "fail: auc at least 0.9"
FEW, GONE = "few: auc at least 0.7 needs 999 rows", "gone: cost at most 0.7"
RELATIVE_RULE = "relative: auc at least baseline"
VERDICTS = [
    ([PASSES], Verdict.BLESSED, "Blessed against p v1."),
    ([PASSES, f"{FAILS} warn"], Verdict.BLESSED, "Blessed against p v1, 1 warning."),
    (
        [PASSES, f"{FEW} warn", f"{GONE} warn"],
        Verdict.BLESSED,
        "Blessed against p v1, 2 warnings.",
    ),
    ([PASSES, f"{FAILS} note"], Verdict.BLESSED, "Blessed against p v1."),
    ([PASSES, FAILS], Verdict.NOT_BLESSED, "Not blessed against p v1: fail failed."),
    ([PASSES, GONE], Verdict.NOT_BLESSED, "Not blessed against p v1: gone is missing."),
    ([PASSES, FEW, FAILS], Verdict.NOT_BLESSED, "Not blessed against p v1: fail failed."),
    ([PASSES, FEW], Verdict.UNDECIDED, "Undecided against p v1: few has too few rows."),
    ([RELATIVE_RULE, FEW], Verdict.UNDECIDED, "Undecided against p v1: few has too few rows."),
    (
        [PASSES, RELATIVE_RULE],
        Verdict.BLESSED_FIRST,
        "Blessed (first version) against p v1.",
    ),
    (
        [PASSES, f"{RELATIVE_RULE} warn"],
        Verdict.BLESSED_FIRST,
        "Blessed (first version) against p v1.",
    ),
    (
        [RELATIVE_RULE],
        Verdict.NOT_EVALUATED,
        "Not evaluated against p v1: every rule that decides needs a baseline, and there is none.",
    ),
    (
        [f"{PASSES} warn"],
        Verdict.NOT_EVALUATED,
        "Not evaluated against p v1: no rule of it decides.",
    ),
    ([], Verdict.NOT_EVALUATED, "Not evaluated against p v1: no rule of it decides."),
]


@pytest.mark.parametrize(("lines", "verdict", "words"), VERDICTS)
def test_only_must_rules_decide_the_verdict(lines, verdict, words):
    rules = [parse(line) for line in lines]

    judgement = judge(rules, measured(0.80, 0.74, 0.86), against="p v1")

    assert (judgement.verdict, judgement.sentence) == (verdict, words)


# Sentences

SAID = {
    "auc floor: auc at least 0.75": "Auc floor: 0.80 [0.74, 0.86], at least 0.75 — passed.",
    "a: auc at least 0.801": "A: 0.800 [0.740, 0.860], below 0.801 — failed.",
    "a: auc between 0.81 and 0.9 note": "A: 0.80 [0.74, 0.86], outside 0.81 to 0.90 — note.",
    "a: auc at least 0.79 sure warn": (
        "A: 0.80 [0.74, 0.86], at least 0.79 but not surely, since its interval reaches beyond — warning."
    ),
    "a: auc at least 0.85 not worse": (
        "A: 0.80 [0.74, 0.86], below 0.85, which its interval does not rule out — passed."
    ),
    "a: auc at least 0.7 needs 999 rows": (
        "A: the data set has 400 of the 999 rows needed — too few to decide."
    ),
    "a: cost at most 1": "A: cost was not measured — missing, so it fails.",
    "a: auc at least baseline minus 0.01": (
        "A: 0.800 [0.740, 0.860], at least 0.795 (credit v2 has 0.805); paired difference "
        "−0.005 [−0.032, +0.022], no winner at this size — passed."
    ),
}


@pytest.mark.parametrize(("line", "words"), SAID.items())
def test_each_rule_gives_its_reason_in_one_sentence(line, words):
    baseline = against(0.805, -0.005, -0.032, 0.022)

    assert sentence(line, measured(0.80, 0.74, 0.86), baseline) == words


def test_a_difference_that_is_more_than_chance_is_said_so():
    words = sentence(
        "a: auc at least baseline", measured(0.8, 0.7, 0.9), against(0.7, 0.1, 0.05, 0.15)
    )

    assert "+0.100 [+0.050, +0.150], more than chance" in words


def test_a_small_group_is_named_with_what_it_lacks():
    words = sentence("a: auc at least 0.7 for each age needs 100 rows note", ages(0.8, 0.8))

    assert words == (
        "A: age = young has 84 of the 100 rows needed (1 of 2 groups) — note (too few)."
    )


# Properties

shares = st.floats(0, 1)
thresholds = st.decimals(0, 1, places=3).map(str)
HIGHER = [
    "auc at least {}",
    "auc at least baseline minus {}",
    "auc at least baseline plus {}",
    "auc at least baseline",
    "auc at least {} for each age",
]


def with_auc(value, low, high):
    figures = [
        auc(value, low, high),
        auc(value, low, high, group="age=young"),
        auc(0.9, 0.8, 0.99, group="age=old"),
    ]
    return Measurements(figures)


@given(
    st.sampled_from(HIGHER),
    thresholds,
    st.sampled_from(MODES),
    st.tuples(shares, shares, shares),
    shares,
    shares,
)
def test_a_better_number_never_turns_a_pass_into_a_failure(
    form, bound, mode, ends, base, better
):
    low, value, high = sorted(ends)
    line = f"a: {form.format(bound)}"

    def found(shift):
        difference = (value + shift - base, low + shift - base, high + shift - base)
        return outcome(
            line,
            with_auc(value + shift, low + shift, high + shift),
            against(base, *difference),
            mode,
        )

    assume(found(0.0) == P)
    assert found(better) == P


@given(st.tuples(shares, shares, shares), thresholds)
def test_sure_is_stricter_than_point_and_point_than_not_worse(ends, bound):
    low, value, high = sorted(ends)
    passed = [
        outcome(f"a: auc at least {bound}", measured(value, low, high), mode=mode) == P
        for mode in (Mode.SURE, Mode.POINT, Mode.NOT_WORSE)
    ]

    assert passed == sorted(passed)


@given(shares, shares, thresholds)
def test_at_least_and_at_most_are_mirror_images(value, low, bound):
    assume(abs(value - float(bound)) > 2 * TOLERANCE)
    above = outcome(f"a: auc at least {bound}", measured(value, low, 1.0))
    below = outcome(f"a: auc at most {bound}", measured(value, low, 1.0))

    assert {above, below} == {P, F}


# Exceptions


def excepted(line, until=date(2027, 3, 3)):
    return Exemption(7, str(parse(line)), until)


FLOOR, CEILING = "floor: auc at least 0.9", "ceiling: auc at most 0.95"


def judged(*lines, exemptions=(), measurements=None):
    rules = [parse(line) for line in lines]
    found = measurements or measured(0.80, 0.74, 0.86)
    return judge(rules, found, against="credit v1", exemptions=exemptions)


@pytest.mark.parametrize(
    ("red", "before"),
    [
        (FLOOR, Verdict.NOT_BLESSED),
        ("cost: cost at most 0.7", Verdict.NOT_BLESSED),
        ("few: auc at least 0.7 needs 401 rows", Verdict.UNDECIDED),
        ("sure: gini at least 0.1 sure", Verdict.NOT_BLESSED),
    ],
)
def test_an_exception_lets_a_version_pass_and_leaves_the_rule_red(red, before):
    gini = Figure("gini", value=0.6, n=400, positives=120)
    found = Measurements([auc(), gini])

    without = judged(red, CEILING, measurements=found)
    judgement = judged(red, CEILING, measurements=found, exemptions=[excepted(red)])

    assert without.verdict == before
    assert judgement.verdict == Verdict.BLESSED_WITH_EXCEPTION
    assert [one.outcome for one in judgement.results] == [
        one.outcome for one in without.results
    ]
    assert judgement.results[0].outcome != P
    assert "excepted until 3 March 2027" in judgement.results[0].sentence
    assert "excepted until 3 March 2027" in judgement.sentence


def test_an_exception_for_one_rule_excuses_no_other():
    other = "other floor: auc at least 0.95"

    judgement = judged(FLOOR, other, CEILING, exemptions=[excepted(FLOOR)])

    assert judgement.verdict == Verdict.NOT_BLESSED
    assert judgement.sentence == "Not blessed against credit v1: other floor failed."


def test_an_exception_for_a_rule_with_another_bound_does_not_count():
    exemption = excepted("floor: auc at least 0.85")

    assert judged(FLOOR, CEILING, exemptions=[exemption]).verdict == Verdict.NOT_BLESSED


def test_an_exception_nobody_needs_leaves_the_verdict_as_it_is():
    judgement = judged(CEILING, exemptions=[excepted(CEILING)])

    assert judgement.verdict == Verdict.BLESSED
    assert judgement.results[0].exemption is None


def test_exceptions_alone_bless_nothing():
    judgement = judged(FLOOR, exemptions=[excepted(FLOOR)])

    assert judgement.verdict == Verdict.NOT_EVALUATED
    assert "exceptions alone bless nothing" in judgement.sentence


def test_of_two_exceptions_the_one_that_lasts_longest_is_named():
    exemptions = [excepted(FLOOR, date(2027, 1, 1)), excepted(FLOOR, date(2027, 5, 1))]

    judgement = judged(FLOOR, CEILING, exemptions=exemptions)

    assert judgement.results[0].exemption.until == date(2027, 5, 1)
