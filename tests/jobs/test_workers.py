"""Jobs under real workers that are killed: nothing is lost and nothing is done twice."""

import shutil

import pytest

from governance.jobs import services
from governance.jobs.models import Job
from tests.accounts.factories import person
from tests.jobs import toys
from tests.jobs.workers import swept
from tests.patience import soon

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def enqueue(seconds: float = 0, actor=None) -> Job:
    return services.enqueue(toys.KIND, actor=actor, arguments={"seconds": seconds})


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def test_worker_runs_a_job_and_shows_how_far_it_is(worker):
    job = enqueue(seconds=2)

    assert soon(lambda: state_of(job) == "running" and 0 < job.progress_done < 40)
    assert soon(lambda: state_of(job) == "succeeded")
    assert toys.effects() == [str(job.pk)]


def test_job_of_a_killed_worker_is_finished_once_by_the_next(worker):
    job = enqueue(seconds=2)
    assert soon(lambda: state_of(job) == "running")

    worker.kill()
    worker.start()

    assert swept(lambda: state_of(job) == "succeeded")
    assert toys.effects() == [str(job.pk)]
    assert job.attempts == 2


def test_job_whose_message_was_lost_is_sent_again(worker):
    worker.kill()
    job = enqueue()
    shutil.rmtree(worker.home / "broker")
    (worker.home / "broker").mkdir()

    worker.start()

    assert swept(lambda: state_of(job) == "succeeded")
    assert toys.effects() == [str(job.pk)]


def test_running_job_stops_when_it_is_cancelled(worker):
    ada = person("ada")
    job = enqueue(seconds=60, actor=ada)
    assert soon(lambda: state_of(job) == "running")

    services.cancel(job, actor=ada)

    assert soon(lambda: state_of(job) == "cancelled")
    assert toys.effects() == []


def test_two_hundred_jobs_survive_a_worker_killed_every_two_seconds(worker):
    jobs = [enqueue(seconds=0.05) for _ in range(200)]
    unfinished = Job.objects.unfinished()

    # Six times and no more: on a busy machine a worker needs longer to start than to live.
    for _ in range(6):
        if not swept(lambda: not unfinished.exists(), 2):
            worker.kill()
            worker.start()

    assert swept(lambda: not unfinished.exists())
    assert Job.objects.filter(state=Job.State.SUCCEEDED).count() == 200
    assert sorted(toys.effects()) == sorted(str(job.pk) for job in jobs)
