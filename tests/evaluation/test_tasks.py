import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from governance.evaluation.models import Curve, Evaluation, Measurement
from governance.evaluation.queries import (
    curve_points,
    evaluations_of,
    latest_evaluation,
    overall_figures,
    slice_figures,
)
from governance.evaluation.signals import evaluated
from governance.jobs import runner
from governance.jobs import services as jobs
from governance.jobs.models import Job
from tests.accounts.factories import person
from tests.evaluation.factories import COLUMNS, csv, measured, parquet, predictions, requested
from tests.registry.factories import version as registered_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """The evaluations that were announced."""
    told = []

    def listen(evaluation, **_):
        told.append((evaluation.pk, transaction.get_connection().in_atomic_block))

    evaluated.connect(listen)
    yield told
    evaluated.disconnect(listen)


def test_a_finished_evaluation_has_its_figures():
    frame = predictions()

    evaluation = measured(source=parquet(frame))

    figures = overall_figures(evaluation)
    assert (evaluation.state, evaluation.ranking) == ("finished", "exact")
    assert (evaluation.rows, evaluation.positives) == (400, frame.bad.sum())
    assert figures["n"].value == 400
    assert figures["auc"].low < figures["auc"].value < figures["auc"].high
    assert figures["auc"].method == "DeLong"
    assert figures["recall"].threshold == 0.5
    assert figures["auc"].threshold is None
    assert evaluation.code_version.startswith("imprimatur ")


def test_every_slice_value_has_every_metric():
    evaluation = measured()

    per_slice = list(slice_figures(evaluation, "auc"))

    assert [(m.slice_field, m.slice_value) for m in per_slice] == [
        ("age", "old"),
        ("age", "young"),
    ]
    assert evaluation.measurements.count() == 3 * len(overall_figures(evaluation))


def test_small_slices_are_hidden_and_do_not_tell_their_positives():
    evaluation = measured(source=parquet(predictions(age=["rare"] * 9 + ["many"] * 391)))

    hidden = evaluation.measurements.filter(slice_value="rare")

    assert {(m.value, m.method, m.n, m.positives) for m in hidden} == {
        (None, "hidden", 9, None)
    }


def test_curves_are_bounded_and_start_and_end_where_they_must():
    evaluation = measured(source=parquet(predictions(3000)))

    points = curve_points(evaluation)

    assert set(points) == {"roc", "pr", "calibration", "scores"}
    assert all(len(curve) <= 200 for curve in points.values())
    assert (points["roc"][0]["tpr"], points["roc"][-1]["tpr"]) == (0, 1)
    assert points["pr"][-1]["recall"] == 1
    assert sum(bar["positives"] + bar["negatives"] for bar in points["scores"]) == 3000


@pytest.mark.django_db(transaction=True)
def test_listeners_hear_of_it_in_the_same_transaction(heard):
    evaluation = measured()

    assert heard == [(evaluation.pk, True)]


@pytest.mark.django_db(transaction=True)
def test_a_listener_that_fails_leaves_nothing_behind():
    def refuse(**_):
        raise RuntimeError("no")

    evaluation = requested()
    evaluated.connect(refuse)
    try:
        runner.run(str(evaluation.job_id))
    finally:
        evaluated.disconnect(refuse)

    evaluation.refresh_from_db()
    assert evaluation.state == "measuring"
    assert not Measurement.objects.exists()
    assert not Curve.objects.exists()


def test_a_doubled_message_measures_once(heard):
    evaluation = measured()

    runner.run(str(evaluation.job_id))

    assert len(heard) == 1


def test_a_bad_row_fails_the_evaluation_and_its_job_with_the_line():
    evaluation = measured(source=csv("score,bad,age\n0.2,0,a\n1.2,1,b\n"))

    job = Job.objects.get(pk=evaluation.job_id)
    assert (evaluation.state, job.state) == ("failed", "failed")
    assert evaluation.reason == job.reason == "Line 3: “score” is 1.2, outside [0, 1]."
    assert not Measurement.objects.exists()


def test_a_file_that_changed_since_it_was_handed_in_is_refused():
    evaluation = requested()
    with open(default_storage.path(evaluation.artifact), "ab") as kept:
        kept.write(b"more")

    runner.run(str(evaluation.job_id))

    evaluation.refresh_from_db()
    assert evaluation.state == "failed"
    assert "no longer the one" in evaluation.reason


def test_a_cancelled_evaluation_can_be_started_again():
    evaluation = requested()
    jobs.cancel(evaluation.job, actor=evaluation.created_by)
    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.reason[:9]) == ("failed", "Cancelled")

    jobs.retry(evaluation.job, actor=evaluation.created_by)
    runner.run(str(evaluation.job_id))

    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.reason) == ("finished", "")


def test_measuring_leaves_nothing_in_the_scratch_folder(settings, tmp_path):
    settings.HOME = tmp_path  # the other processes of a parallel run measure as well

    measured()

    assert not list((settings.HOME / "scratch").iterdir())


@pytest.mark.parametrize(
    "change",
    [
        lambda e: Evaluation.objects.filter(pk=e.pk).update(rows=1),
        lambda e: Evaluation.objects.filter(pk=e.pk).delete(),
        lambda e: Measurement.objects.filter(evaluation=e).update(value=1),
        lambda e: Measurement.objects.filter(evaluation=e)._raw_delete("default"),
        lambda e: Curve.objects.filter(evaluation=e).update(points=[]),
    ],
)
def test_postgresql_refuses_to_change_what_was_measured(change):
    evaluation = measured()

    with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
        change(evaluation)

    evaluation.refresh_from_db()
    assert evaluation.rows == 400
    assert evaluation.measurements.exclude(value=1).exists()


def test_what_was_asked_never_changes():
    evaluation = requested()

    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(threshold=0.1)


def test_only_those_who_see_the_model_see_its_evaluations():
    evaluation = measured()

    cy, auditor = person("cy"), person("vi", "auditor")

    assert not Evaluation.objects.visible_to(cy).exists()
    assert not Measurement.objects.visible_to(cy).exists()
    for seen in (Evaluation, Measurement, Curve):
        assert seen.objects.visible_to(evaluation.created_by).exists()
        assert seen.objects.visible_to(auditor).exists()


def test_evaluations_of_a_version_come_with_their_figures_in_few_queries(
    django_assert_num_queries,
):
    version = registered_version()
    for _ in range(3):
        measured(version, source=parquet(predictions()), columns=COLUMNS)

    with django_assert_num_queries(2):
        found = [len(one.overall) for one in evaluations_of(version)]

    assert len(found) == 3
    assert latest_evaluation(version) == evaluations_of(version)[0]
