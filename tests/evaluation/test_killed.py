"""An evaluation whose worker is killed with SIGKILL in the middle is finished once by the next."""

import duckdb
import pytest

from governance.audit.models import Entry
from governance.jobs.models import Job
from tests.evaluation.factories import requested
from tests.jobs.conftest import worker as killable_worker
from tests.jobs.workers import swept
from tests.patience import soon

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
worker = killable_worker


@pytest.fixture
def large_file(tmp_path, monkeypatch, settings):
    """Predictions that take a worker some seconds, in a folder both it and the test may read."""
    monkeypatch.setenv("EVALUATION_ROOTS", str(tmp_path))
    settings.EVALUATION_ROOTS = [str(tmp_path)]
    duckdb.connect().execute(
        "COPY (SELECT i AS id, random() AS score, i % 2 AS bad, i % 7 AS age "
        f"FROM range(1500000) AS t(i)) TO '{tmp_path / 'large.csv'}'"
    )
    return str(tmp_path / "large.csv")


def test_a_killed_evaluation_is_finished_once(large_file, worker):
    columns = {"score": "score", "label": "bad", "row_key": "id", "slices": ["age"]}
    evaluation = requested(source=large_file, columns=columns)
    job = Job.objects.filter(pk=evaluation.job_id)
    assert soon(lambda: job.filter(state="running", progress_done__gt=0).exists())

    worker.kill()
    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.measurements.count()) == ("measuring", 0)
    worker.start()

    assert swept(lambda: job.filter(state="succeeded").exists())
    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.rows, job.get().attempts) == ("finished", 1_500_000, 2)
    assert evaluation.measurements.filter(metric="auc").count() == 8
    assert Entry.objects.filter(event="evaluation.finished").count() == 1
