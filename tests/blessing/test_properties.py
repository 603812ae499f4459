"""What holds for every policy and every evidence: better is never worse, and frozen stays frozen."""

import json
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governance.blessing import frozen
from governance.blessing.figures import Figure, Measurements
from governance.blessing.judge import Exemption, judge
from governance.blessing.verdicts import Outcome, Verdict
from governance.policies.grammar import parse
from governance.policies.rules import Mode
from tests.policies.factories import policy_text

shares = st.floats(0, 1)
bounds = st.decimals(0, 1, places=2).map(str)
counts = st.integers(0, 500)
modes = st.sampled_from(Mode)
# From the worst to the best for the one who waits for it.
ORDER = [Verdict.NOT_BLESSED, Verdict.UNDECIDED, Verdict.BLESSED]


@st.composite
def rules(draw):
    """Rules of a policy whose bounds say that more of `auc` is better and less of `brier`."""
    wanted = draw(st.lists(st.tuples(st.sampled_from(FORMS), bounds), min_size=1, max_size=6))
    return [
        parse(f"rule {number}: {form.format(bound)}")
        for number, (form, bound) in enumerate(wanted)
    ]


FORMS = [
    "auc at least {}",
    "auc at least {} for each age",
    "auc at least {} for age = young needs 50 rows",
    "auc at least {} needs 100 rows and 20 positives",
    "auc at least {} sure",
    "auc at least {} not worse warn",
    "auc at least {} note",
]


@st.composite
def evidence(draw):
    figures = []
    for group in ("", "young", "old"):
        low, value, high = sorted(draw(st.tuples(shares, shares, shares)))
        n = draw(counts)
        figures.append(
            Figure("auc", "age" if group else "", group, value, low, high, n, n // 3)
        )
    return figures


def moved(figures, step):
    return [
        Figure(
            one.metric,
            one.slice_field,
            one.slice_value,
            one.value + step,
            one.low + step,
            one.high + step,
            one.n,
            one.positives,
        )
        for one in figures
    ]


@given(rules(), evidence(), modes, shares)
def test_better_numbers_never_make_a_worse_verdict(asked, figures, mode, step):
    before = judge(asked, Measurements(figures), mode=mode).verdict
    after = judge(asked, Measurements(moved(figures, step)), mode=mode).verdict
    assume(Verdict.NOT_EVALUATED not in (before, after))

    assert ORDER.index(after) >= ORDER.index(before)


@given(rules(), evidence(), modes, st.integers(0, 500))
def test_more_rows_never_make_a_rule_that_was_decided_undecided(asked, figures, mode, more):
    larger = [
        Figure(
            one.metric,
            one.slice_field,
            one.slice_value,
            one.value,
            one.low,
            one.high,
            one.n + more,
            one.positives + more,
        )
        for one in figures
    ]
    before = judge(asked, Measurements(figures), mode=mode).results
    after = judge(asked, Measurements(larger), mode=mode).results

    for was, became in zip(before, after, strict=True):
        if was.outcome in (Outcome.PASS, Outcome.FAIL) and not was.rule.is_for_each:
            assert became.outcome == was.outcome


@given(rules(), evidence(), modes, st.sets(st.integers(0, 5)))
def test_exceptions_change_no_outcome_and_never_make_a_plain_blessing(
    asked, figures, mode, excepted
):
    exemptions = [
        Exemption(number, str(rule), date(2027, 1, 1))
        for number, rule in enumerate(asked)
        if number in excepted
    ]
    without = judge(asked, Measurements(figures), mode=mode)
    with_them = judge(asked, Measurements(figures), mode=mode, exemptions=exemptions)

    assert [one.outcome for one in with_them.results] == [
        one.outcome for one in without.results
    ]
    if with_them.verdict == Verdict.BLESSED:
        assert without.verdict == Verdict.BLESSED
    if without.verdict == Verdict.BLESSED:
        assert with_them.verdict == Verdict.BLESSED


@given(rules(), evidence(), st.one_of(st.none(), st.integers(0, 400)))
def test_frozen_evidence_is_judged_again_to_the_same_bytes(asked, figures, age):
    inputs = {
        "format": frozen.FORMAT,
        "policy": {
            "name": "credit",
            "number": 1,
            "text": policy_text(*(str(rule).replace('"', '\\"') for rule in asked)),
        },
        "measurements": [frozen.figure_json(figure) for figure in figures],
        "age_days": age,
        "missing": {},
        "exceptions": [
            {"id": 1, "text": str(asked[0]), "until": "2027-01-01", "rule": asked[0].name}
        ],
        "baseline": {
            "state": "none",
            "label": "",
            "sentence": "no version has been blessed before",
            "measurements": [],
            "differences": [],
        },
    }

    once = frozen.freeze(inputs)
    again = frozen.freeze(frozen.thaw(json.loads(frozen.canonical(once))))

    assert frozen.digest(again) == frozen.digest(once)
    assert frozen.canonical(again) == frozen.canonical(once)


@pytest.mark.parametrize("age", [0, 180, 181])
def test_older_data_are_never_better(age):
    rule = [parse("fresh: age_days at most 180")]

    verdict = judge(rule, Measurements((), age)).verdict

    assert (verdict == Verdict.BLESSED) is (age <= 180)
