"""Rules about what is not a metric: infra checks, drift from the training data; and about crossings."""

import numpy as np
import pytest

from governance.blessing import services
from governance.blessing.verdicts import Verdict
from governance.datasets import services as datasets
from governance.jobs import runner
from governance.jobs.models import Job
from registry.services import create_version
from tests.blessing.factories import blessed, evaluated, governed_model, policy, version_of
from tests.evaluation.factories import COLUMNS, parquet, predictions
from tests.infra import models as onnx
from tests.infra.factories import digest
from tests.infra.factories import requested as infra_requested
from tests.usecases.factories import person

pytestmark = pytest.mark.django_db

FLOOR = "auc floor: auc at least 0.60"


def result(blessing, name):
    return blessing.results.get(name=name)


def infra_checked(version, **asked):
    check = infra_requested(version=version, **asked)
    runner.run(str(check.job_id))
    check.refresh_from_db()
    assert check.state == "passed", check.reason
    return check


def trained_on(model, frame, **named):
    """A version that says what it was trained on, where that is recorded in its use case."""
    case = model.governed.use_case
    record = datasets.record_data_set(
        "applicants",
        version="2023",
        actor=person("mle"),
        source=parquet(frame),
        use_case=case,
    )
    runner.run(str(record.job_id))
    return create_version(
        model, actor=person("mle"), **(named or {"training_data": "applicants 2023"})
    )


# Infra checks


def test_latency_is_missing_until_an_infra_check_has_passed():
    policy(FLOOR, "fast: latency_p95 at most 1000")

    blessing = blessed(version_of(governed_model()))

    assert blessing.verdict == Verdict.NOT_BLESSED
    said = result(blessing, "fast").sentence
    assert (
        said
        == "Fast: no infra check of credit-scoring v1 has been made — missing, so it fails."
    )


def test_an_infra_check_is_new_evidence_and_is_frozen_with_the_next_verdict():
    policy(FLOOR, "fast: latency_p95 at most 1000", "small: memory_peak at most 100000")
    version = create_version(
        governed_model(), actor=person("mle"), digest=digest(onnx.logistic())
    )
    blessed(version)
    waiting = set(Job.objects.filter(kind="blessing.judge").values_list("pk", flat=True))

    check = infra_checked(version)

    again = Job.objects.filter(kind="blessing.judge").exclude(pk__in=waiting).get()
    runner.run(str(again.pk))
    blessing = version.blessings.first()
    assert blessing.verdict == Verdict.BLESSED
    assert result(blessing, "fast").value == blessing.frozen["sources"]["infra"]["latency_p95"]
    assert blessing.frozen["sources"]["infra"]["id"] == str(check.pk)
    assert "ms a row, at most 1000 — passed" in result(blessing, "fast").sentence


def test_a_policy_that_asks_for_no_latency_is_not_judged_again_after_an_infra_check():
    policy(FLOOR)
    version = create_version(
        governed_model(), actor=person("mle"), digest=digest(onnx.logistic())
    )
    blessed(version)
    before = Job.objects.filter(kind="blessing.judge").count()

    infra_checked(version)

    assert Job.objects.filter(kind="blessing.judge").count() == before


def test_latency_against_a_baseline_takes_the_baselines_own_infra_check():
    policy(FLOOR, "not slower: latency_p95 at most 100000% of baseline warn")
    model = governed_model()
    first, second = (
        create_version(model, actor=person("mle"), digest=digest(content))
        for content in (onnx.logistic(), onnx.identity())
    )
    blessed(first)
    infra_checked(second, content=onnx.identity())

    without = blessed(second)
    infra_checked(first)
    blessing = blessed(second)

    assert result(without, "not slower").sentence.startswith(
        "Not slower: the baseline has no such"
    )
    assert result(blessing, "not slower").outcome == "pass"


# Drift


def test_drift_is_measured_against_the_recorded_training_data():
    policy(FLOOR, "steady: psi(age) at most 0.10", "scores: js(score) at most 0.05 warn")
    version = trained_on(governed_model(), predictions(2000, seed=3))

    blessing = blessed(version, predictions(1000))

    assert blessing.verdict == Verdict.BLESSED
    assert result(blessing, "steady").value < 0.02
    assert result(blessing, "steady").n == 1000
    assert blessing.frozen["sources"]["drift"]["reference"]["name"] == "applicants"


def test_a_field_that_drifted_fails():
    policy(FLOOR, "steady: psi(age) at most 0.10")
    version = trained_on(governed_model(), predictions(2000, seed=3))
    older = predictions(1000, age=np.where(np.arange(1000) < 900, "old", "young"))

    blessing = blessed(version, older)

    assert blessing.verdict == Verdict.NOT_BLESSED
    assert result(blessing, "steady").sentence.endswith("above 0.10 — failed.")


def test_a_drift_that_chance_explains_decides_nothing():
    policy(FLOOR, "steady: psi(age) at most 0.0001")
    version = trained_on(governed_model(), predictions(2000, seed=3))

    blessing = blessed(version, predictions(300))

    assert blessing.verdict == Verdict.UNDECIDED
    assert "300 rows drift as far as" in result(blessing, "steady").sentence
    assert "by chance alone — too few to decide." in result(blessing, "steady").sentence


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"training_data": ""}, "credit-scoring v1 does not say what it was trained on"),
        (
            {"training_data": "others"},
            "the training data of credit-scoring v1 are not recorded",
        ),
        ({"training_data_digest": "sha256:" + "0" * 64}, "are not recorded as a data set"),
    ],
)
def test_drift_without_training_data_is_missing_and_says_why(named, sentence):
    policy(FLOOR, "steady: psi(age) at most 0.10")
    version = trained_on(governed_model(), predictions(2000, seed=3), **named)

    blessing = blessed(version)

    assert result(blessing, "steady").outcome == "missing"
    assert sentence in result(blessing, "steady").sentence


def test_a_field_that_either_file_lacks_is_named():
    policy(FLOOR, "steady: psi(income) at most 0.10")
    version = trained_on(governed_model(), predictions(2000, seed=3))

    said = result(blessed(version), "steady").sentence

    assert "applicants 2023 and the evaluation has no column income" in said


def test_numbers_and_texts_of_other_kinds_of_files_are_the_same_values():
    policy(FLOOR, "steady: psi(grade) at most 0.10")
    training = predictions(2000, seed=3, grade=np.arange(2000) % 3)
    version = trained_on(governed_model(), training)

    blessing = blessed(version, predictions(1000, grade=(np.arange(1000) % 3).astype(float)))

    assert result(blessing, "steady").value < 0.01


# Crossings, and groups against a baseline


def crossed(version, frame):
    columns = {
        **COLUMNS,
        "row_key": "id",
        "slices": ["age", "home", {"cross": ["age", "home"]}],
    }
    return evaluated(version, frame, columns=columns)


def homes(rows=600, **changes):
    return predictions(rows, home=np.where(np.arange(rows) % 2, "own", "rent"), **changes)


@pytest.mark.parametrize("order", ["age x home", "home x age"])
def test_a_rule_may_ask_for_each_crossing_of_two_fields(order):
    policy(FLOOR, f"all of them: auc at least 0.40 for each {order} needs 20 rows")
    blessing = services.bless(crossed(version_of(governed_model()), homes()), actor=None)

    assert len(result(blessing, "all of them").parts) == 4
    assert result(blessing, "all of them").slice.startswith("age x home = ")


def test_groups_are_compared_with_the_baseline_by_their_own_paired_interval():
    policy(
        FLOOR,
        "no group loses: auc at least baseline minus 0.02 for each age needs 50 rows sure",
    )
    model = governed_model()
    frame = predictions(600)
    blessed(version_of(model), frame)
    better = frame.assign(score=frame.score * 0.9 + frame.bad * 0.1)

    blessing = blessed(version_of(model), better)

    said = result(blessing, "no group loses")
    assert said.outcome == "pass"
    assert "paired difference" in said.sentence


def test_a_ratio_against_the_baseline_has_a_paired_interval():
    policy(FLOOR, "fair enough: ratio(selection_rate, age) at least 90% of baseline sure")
    model = governed_model()
    frame = predictions(600)
    blessed(version_of(model), frame)

    blessing = blessed(version_of(model), frame.assign(score=frame.score * 0.999))

    assert result(blessing, "fair enough").outcome != "undefined"
    assert "the two do not differ on any row" in result(blessing, "fair enough").sentence
