"""Replaying: the same rules come to the same verdict as then, other rules to another, and nothing is written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from governance.blessing.models import Blessing
from governance.blessing.replay import Case, replay
from governance.blessing.verdicts import Outcome
from governance.evaluation.models import Evaluation
from governance.jobs import runner
from governance.policies.document import read
from registry.services import create_version
from tests.blessing.factories import blessed, evaluated, governed_model, policy, version_of
from tests.blessing.test_facts import infra_checked, trained_on
from tests.evaluation.factories import predictions
from tests.infra import models as onnx
from tests.infra.factories import digest
from tests.infra.factories import requested as infra_requested
from tests.policies.factories import policy_text
from tests.usecases.factories import person

pytestmark = pytest.mark.django_db

# With these a first version, its successor and one on other rows come to every outcome.
EVERY_OUTCOME = (
    "floor: auc at least 0.60",
    "too high: auc at least 0.999 else warn",
    "no regression: auc at least baseline minus 0.05",
    "surely as good: auc at least baseline minus 0.5 sure else note",
    "share: auc at least 90% of baseline not worse",
    "weak groups: auc at least 0.50 for each age needs 50 rows and 20 positives",
    "few: auc at least 0.50 for each age needs 350 rows else warn",
    "four fifths: ratio(selection_rate, age) at least 0.80 needs 50 rows else warn",
    "nobody: auc at least 0.5 for housing = own else warn",
    "unsure: n at least 10 sure else note",
    "fresh: age_days at most 180 else warn",
)


def told(judgement):
    return (
        judgement.verdict.value,
        judgement.sentence,
        [(one.rule.name, one.outcome.value, one.sentence) for one in judgement.results],
    )


def told_then(blessing):
    results = [(one.name, one.outcome, one.sentence) for one in blessing.results.all()]
    return (blessing.verdict, blessing.sentence, results)


def again(blessing, text=None, against=None):
    document = read(text or blessing.policy_version.text)
    cases = [Case(blessing.evaluation, blessing)]
    return replay(cases, document, against=against or blessing.policy_version.label)[0]


def test_the_same_rules_come_to_the_same_verdict_and_sentences_for_every_outcome():
    policy(*EVERY_OUTCOME)
    model = governed_model()
    first = blessed(version_of(model), period_end="2026-01-31", period_start="2026-01-01")
    second = blessed(version_of(model))
    elsewhere = blessed(version_of(model), predictions(seed=99), dataset_name="march")

    blessings = [first, second, elsewhere]
    assert [told(again(one)) for one in blessings] == [told_then(one) for one in blessings]
    seen = {result.outcome for one in blessings for result in one.results.all()}
    assert seen == set(Outcome)


def test_other_rules_are_held_against_what_was_measured_then():
    policy("floor: auc at least 0.60")
    blessing = blessed(version_of(governed_model()))

    stricter = again(blessing, policy_text("floor: auc at least 0.999"))
    other = again(blessing, policy_text("groups: auc at least 0.1 for each age"))
    unmeasured = again(blessing, policy_text("words: reported.faithfulness at least 0.1"))

    assert (stricter.verdict, other.verdict) == ("not_blessed", "blessed")
    assert unmeasured.results[0].outcome == Outcome.MISSING
    assert "was not measured" in unmeasured.results[0].sentence


def test_what_was_never_judged_has_no_baseline():
    policy()
    evaluation = evaluated(version_of(governed_model()))
    document = read(policy_text("floor: auc at least 0.6", "same: auc at least baseline"))

    found = replay([Case(evaluation)], document, against="a draft")[0]

    assert found.verdict == "blessed_first"
    assert "it was not judged then" in found.results[1].sentence


def test_many_cases_take_as_many_queries_as_one():
    policy()
    model = governed_model()
    cases = [Case(one.evaluation, one) for one in (blessed(version_of(model)) for _ in "123")]
    document = read(policy_text("floor: auc at least 0.6"))

    def asked(some):
        with CaptureQueriesContext(connection) as captured:
            replay(some, document, against="a draft")
        return len(captured)

    assert asked(cases) == asked(cases[:1]) == 2


def test_nothing_is_written():
    policy()
    blessing = blessed(version_of(governed_model()))

    again(blessing, policy_text("floor: auc at least 0.999"))

    assert Blessing.objects.count() == Evaluation.objects.count() == 1


def test_facts_are_those_that_were_frozen_then():
    policy(
        "floor: auc at least 0.6",
        "fast: latency_p95 at most 1000 else warn",
        "steady: psi(score) at most 0.2 else warn",
        "steady age: psi(age) at most 0.2 else warn",
    )
    version = trained_on(governed_model(), predictions(seed=3).drop(columns="age"))
    blessing = blessed(version)

    assert told(again(blessing)) == told_then(blessing)
    assert {one.outcome for one in blessing.results.all()} == {Outcome.PASS, Outcome.MISSING}


def test_a_fact_that_no_rule_asked_for_then_was_not_measured():
    policy("floor: auc at least 0.6")
    blessing = blessed(version_of(governed_model()))

    found = again(
        blessing, policy_text("floor: auc at least 0.6", "steady: psi(age) at most 0.1")
    )

    assert found.verdict == "not_blessed"
    assert (
        "psi(age) was not measured then, since no rule asked for it"
        in found.results[1].sentence
    )


def test_a_latency_that_no_rule_asked_for_then_is_that_of_the_newest_infra_check():
    policy("floor: auc at least 0.6")
    model = governed_model()
    checked = create_version(model, actor=person("mle"), digest=digest(onnx.logistic()))
    other = create_version(model, actor=person("mle"), digest="sha256:" + "0" * 64)
    blessings = [blessed(version) for version in (checked, other, version_of(model))]
    infra_checked(checked)
    failed = infra_requested(version=other)
    runner.run(str(failed.job_id))
    text = policy_text("floor: auc at least 0.6", "fast: latency_p95 at most 100000")

    found = [again(one, text).results[1] for one in blessings]

    assert [one.outcome for one in found] == [Outcome.PASS, Outcome.MISSING, Outcome.MISSING]
    assert "no infra check of the version that counts has been made" in found[1].sentence


NUMBERS = st.floats(0.05, 0.95).map(lambda value: round(value, 3))
RULES = st.one_of(
    st.builds("auc at least {}".format, NUMBERS),
    st.builds("cost at most {}".format, NUMBERS),
    st.builds("auc at least baseline minus {}".format, NUMBERS),
    st.builds("recall at least {:.0f}% of baseline".format, st.integers(50, 120)),
    st.builds(
        "auc at least {} for each age needs {} rows".format, NUMBERS, st.integers(1, 400)
    ),
    st.builds("gap(selection_rate, age) at most {}".format, NUMBERS),
)
ENDINGS = st.sampled_from(["", " else warn", " else note"])
MODES = st.sampled_from(["", " sure", " not worse"])


class AnyPolicy(TestCase):
    """Whatever the rules are, a replay says what was said then."""

    @given(st.lists(st.tuples(RULES, MODES, ENDINGS), min_size=1, max_size=5))
    @examples(max_examples=15)
    def test_replaying_repeats(self, lines):
        rules = [f"rule {i}: {line}{mode}{end}" for i, (line, mode, end) in enumerate(lines)]
        policy("always: n at least 1", *rules)
        model = governed_model()
        blessed(version_of(model), predictions(120))
        second = blessed(version_of(model), predictions(120))

        assert told(again(second)) == told_then(second)
