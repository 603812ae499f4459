"""Who made what is judged or gave the evidence, from real evaluations, infra checks and data sets."""

import pytest

from governance.blessing.contributors import contributions_by_verdict, contributions_to
from governance.datasets import services as datasets
from governance.jobs import runner
from registry.services import create_version
from tests.blessing.factories import blessed, governed_model, policy, version_of
from tests.blessing.test_facts import infra_checked, trained_on
from tests.evaluation.factories import parquet, predictions
from tests.infra import models as onnx
from tests.infra.factories import digest
from tests.usecases.factories import person

pytestmark = pytest.mark.django_db

FLOOR = "auc floor: auc at least 0.60"


def parts(blessing):
    return {(one.user_id, one.part) for one in contributions_to(blessing)}


def test_who_registered_and_who_evaluated_are_told():
    policy(FLOOR)
    blessing = blessed(version_of(governed_model()))
    mle = person("mle").pk

    assert parts(blessing) == {
        (mle, "registered the version"),
        (mle, "handed in the evaluation"),
    }


def test_who_evaluated_the_baseline_gave_evidence():
    policy(FLOOR, "no regression: auc at least baseline minus 0.05")
    model = governed_model()
    frame = predictions()
    blessed(version_of(model), frame)

    second = blessed(version_of(model), frame)

    assert second.baseline_evaluation is not None
    assert (person("mle").pk, "handed in the evaluation it is compared with") in parts(second)


def test_who_had_the_infra_check_run_that_the_verdict_rests_on_gave_evidence():
    policy(FLOOR, "fast: latency_p95 at most 1000")
    version = create_version(
        governed_model(), actor=person("mle"), digest=digest(onnx.logistic())
    )
    infra_checked(version)
    rested = blessed(version)

    later = infra_checked(version, seconds=31)

    told = [one for one in contributions_to(rested) if one.part == "had its infra check run"]
    assert [one.user_id for one in told] == [later.created_by_id]


def test_an_infra_check_that_no_rule_asks_for_is_no_evidence():
    policy(FLOOR)
    version = create_version(
        governed_model(), actor=person("mle"), digest=digest(onnx.logistic())
    )
    infra_checked(version)

    assert "had its infra check run" not in {part for _user, part in parts(blessed(version))}


def test_who_uploaded_the_training_data_or_the_reference_of_drift_is_told():
    policy(FLOOR, "same people: psi(age) at most 0.90")
    version = trained_on(governed_model(), predictions(seed=1))

    told = parts(blessed(version))

    assert (person("mle").pk, "uploaded the data it was trained on") in told
    assert (person("mle").pk, "uploaded the data its drift is measured against") in told


def test_who_uploaded_the_data_it_was_evaluated_on_is_told_and_who_only_named_them_is_not():
    policy(FLOOR)
    eve = person("eve")
    model = governed_model(DE=eve)
    record = datasets.record_data_set(
        "hold-out",
        version="2024",
        actor=eve,
        source=parquet(predictions(seed=2)),
        use_case=model.governed.use_case,
    )
    runner.run(str(record.job_id))

    told = parts(blessed(version_of(model), dataset_name="hold-out", dataset_version="2024"))
    other = parts(blessed(version_of(model), dataset_name="hold-out", dataset_version="2025"))

    assert (eve.pk, "uploaded the data it was evaluated on") in told
    assert (eve.pk, "uploaded the data it was evaluated on") not in other


def test_any_number_of_verdicts_costs_two_queries(django_assert_num_queries):
    policy(FLOOR)
    model = governed_model()
    verdicts = [blessed(version_of(model)) for _number in range(3)]

    with django_assert_num_queries(2):
        found = contributions_by_verdict({one.pk: one.version_id for one in verdicts})

    assert set(found) == {one.pk for one in verdicts}
    assert contributions_by_verdict({}) == {}
