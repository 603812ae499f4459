"""Deliveries by a real worker that is killed; its settings allow the receiver of the test."""

import threading

import pytest

from governance.webhooks import runner, services
from governance.webhooks.models import Delivery
from tests.accounts.factories import person
from tests.jobs import workers
from tests.outbound.receivers import Reply, receiver
from tests.patience import soon
from tests.registry.factories import model, version
from tests.webhooks.factories import later, webhook

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def served(transactional_db, tmp_path, settings, monkeypatch):
    """A receiver, and a worker that may call it and listens on a message folder of its own."""
    with receiver() as there:
        settings.WEBHOOKS_ALLOWED_HOSTS = [there.authority]
        monkeypatch.setenv("WEBHOOKS_ALLOWED_HOSTS", there.authority)
        monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
        worker = workers.Worker(tmp_path / "worker", concurrency=2)
        with workers.sending_to(worker.home):
            try:
                yield there, worker.start()
            finally:
                worker.kill()


def test_a_change_reaches_the_receiver_through_the_worker(served):
    there, _worker = served
    ada = person("ada")
    hook = webhook(there.url, owner=ada)
    version(model(owner=ada))

    assert soon(lambda: len(there.received) == 2)
    tested = services.wait_for(services.send_test(hook, actor=ada), seconds=20)
    assert tested.state == "delivered"


def test_a_worker_killed_in_the_middle_of_a_call_loses_nothing(served):
    there, worker = served
    ada = person("ada")
    webhook(there.url, owner=ada)
    there.replies = [Reply(), Reply()]
    there.before_reply = lambda: worker.kill() if len(there.received) == 1 else None
    model(owner=ada)
    assert soon(lambda: worker.process.poll() is not None)
    assert Delivery.objects.get().state == "waiting"

    worker.start()
    later(runner.CLAIM.total_seconds())
    runner.sweep()

    assert soon(lambda: Delivery.objects.get().state == "delivered")
    first, second = there.received
    assert first.headers["X-MLflow-Delivery-Id"] == second.headers["X-MLflow-Delivery-Id"]


def test_a_receiver_that_hangs_holds_no_other_up(served, settings):
    there, _worker = served
    ada = person("ada")
    release = threading.Event()

    def hang():
        if there.received[-1].path == "/slow":
            release.wait(20)

    there.before_reply = hang
    slow = webhook(f"http://{there.authority}/slow", owner=ada, name="slow")
    scores = model(owner=ada)
    assert soon(lambda: len(there.received) == 1)
    quick = webhook(there.url, owner=ada, name="quick")
    for _ in range(3):
        version(scores)

    assert soon(lambda: quick.deliveries.filter(state="delivered").count() == 3)
    assert slow.deliveries.filter(state="waiting").count() == 4
    release.set()
    assert soon(lambda: slow.deliveries.filter(state="delivered").count() == 4)
