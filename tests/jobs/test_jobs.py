from datetime import timedelta

import pytest
from django.utils import timezone

from governance.errors import Conflict, Invalid, NotAllowed
from governance.jobs import handlers, runner, services
from governance.jobs.models import Job
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(monkeypatch):
    """A kind of job that doubles a number; what it stored is in the list."""
    stored: list[int] = []
    monkeypatch.setattr(handlers, "_handlers", dict(handlers._handlers))

    def store(job, value):
        stored.append(value)
        return {"value": value}

    handlers.register("double", work=lambda job, _: 2 * job.arguments["number"], store=store)
    return stored


def failing_with(error):
    def work(job, progress):
        raise error

    return work


def enqueue(**more):
    return services.enqueue("double", actor=None, arguments={"number": 21}, **more)


def test_a_job_stores_its_value_once(written):
    job = enqueue()

    runner.run(str(job.pk))
    runner.run(str(job.pk))

    job.refresh_from_db()
    assert (job.state, job.result, written) == ("succeeded", {"value": 42}, [42])


def test_a_mistake_of_the_user_fails_the_job_with_its_sentence(written):
    handlers.register("double", work=failing_with(Invalid("Line 3 is odd.")), store=None)
    job = enqueue()

    runner.run(str(job.pk))

    job.refresh_from_db()
    assert (job.state, job.reason, job.attempts) == ("failed", "Line 3 is odd.", 1)


def test_a_breakdown_is_tried_again_and_then_fails_with_a_reason(written):
    handlers.register("double", work=failing_with(RuntimeError("disk")), store=None)
    job = enqueue()

    for _ in range(5):
        runner.run(str(job.pk))

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 3)
    assert "RuntimeError" in job.reason


def test_when_storing_breaks_nothing_is_half_written(written):
    def store(job, value):
        person("half-written")
        raise RuntimeError("after a write")

    handlers.register("double", work=lambda job, _: 1, store=store)
    job = enqueue()

    runner.run(str(job.pk))

    assert not type(person("x")).objects.filter(username="half-written").exists()


def test_a_job_without_a_heartbeat_is_queued_again(written):
    job = enqueue()
    long_ago = timezone.now() - timedelta(minutes=5)
    Job.objects.update(state="running", heartbeat_at=long_ago, attempts=1)

    runner.sweep()
    runner.run(str(job.pk))

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("succeeded", 2)


def test_a_job_that_killed_three_workers_fails(written):
    job = enqueue()
    long_ago = timezone.now() - timedelta(minutes=5)
    Job.objects.update(state="running", heartbeat_at=long_ago, attempts=3)

    runner.sweep()

    job.refresh_from_db()
    assert (job.state, job.reason) == ("failed", "The worker disappeared 3 times.")


def test_a_worker_that_lost_its_claim_stores_nothing(written):
    job = enqueue()

    def work(held, progress):
        Job.objects.filter(pk=held.pk).update(state="queued", claim=None)
        return 1

    handlers.register("double", work=work, store=lambda job, value: written.append(value))
    runner.run(str(job.pk))

    assert written == []
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_queued_job_is_cancelled_at_once(written):
    ada = person("ada")
    job = services.enqueue("double", actor=ada, arguments={"number": 1})

    services.cancel(job, actor=ada)
    runner.run(str(job.pk))

    job.refresh_from_db()
    assert (job.state, job.reason, written) == ("cancelled", "Cancelled by Ada.", [])


def test_a_running_job_stops_at_its_next_progress(written, settings):
    settings.JOBS_HEARTBEAT_SECONDS = 0.05
    ada = person("ada")
    job = services.enqueue("double", actor=ada, arguments={"number": 1})

    def work(held, progress):
        services.cancel(held, actor=ada)
        for step in range(10_000):
            progress(step, 10_000, "counting")
            __import__("time").sleep(0.002)

    handlers.register("double", work=work, store=None)
    runner.run(str(job.pk))

    job.refresh_from_db()
    assert job.state == "cancelled"


def test_only_its_owner_or_an_administrator_cancels_a_job(written):
    job = services.enqueue("double", actor=person("ada"), arguments={"number": 1})

    with pytest.raises(NotAllowed, match="Only Ada"):
        services.cancel(job, actor=person("cy"))

    services.cancel(job, actor=person("root", "administrator"))


def test_a_finished_job_cannot_be_cancelled(written):
    ada = person("ada")
    job = services.enqueue("double", actor=ada, arguments={"number": 1})
    runner.run(str(job.pk))

    with pytest.raises(Conflict, match="succeeded"):
        services.cancel(job, actor=ada)


def test_a_failed_job_can_be_started_again(written):
    ada = person("ada")
    job = services.enqueue("double", actor=ada, arguments={"number": 4})
    Job.objects.update(state="failed", attempts=3, reason="disk")

    services.retry(job, actor=ada)
    runner.run(str(job.pk))

    assert written == [8]


def test_when_the_broker_is_away_the_sweeper_sends_later(written, monkeypatch):
    from kombu.exceptions import OperationalError

    sent = []

    def away(*args, **kwargs):
        raise OperationalError("broker away")

    monkeypatch.setattr(services.current_app, "send_task", away)
    job = enqueue()
    monkeypatch.setattr(services.current_app, "send_task", lambda *a, **k: sent.append(a))
    runner.sweep()

    assert sent == [("governance.jobs.tasks.run", (str(job.pk),))]


def test_strangers_do_not_see_a_job(written):
    job = services.enqueue("double", actor=person("ada"), arguments={"number": 1})

    assert not Job.objects.visible_to(person("cy")).filter(pk=job.pk).exists()
    assert Job.objects.visible_to(person("vi", "auditor")).filter(pk=job.pk).exists()
