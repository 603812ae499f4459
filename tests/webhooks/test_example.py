"""The receiver of the documentation takes what is signed, once, and nothing else."""

import http.client
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.conf import settings as project

from governance.webhooks import delivery as deliveries
from governance.webhooks import services
from tests.accounts.factories import person
from tests.patience import soon
from tests.registry.factories import model
from tests.webhooks.factories import SECRET, webhook, work

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2023, 11, 14, tzinfo=UTC)
RECEIVER = project.BASE_DIR / "docs" / "examples" / "webhook_receiver.py"


@pytest.fixture
def example(settings, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings.WEBHOOKS_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]
    said = tmp_path / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, RECEIVER, str(port)],
            stdout=output,
            env={"WEBHOOK_SECRET": SECRET, "PYTHONUTF8": "1"},
        )
    assert soon(lambda: answers(port))
    yield port, said
    process.kill()
    process.wait()


def answers(port) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_what_is_signed_is_acted_upon_once_and_nothing_else(example):
    port, said = example
    ada = person("ada")
    hook = webhook(f"http://127.0.0.1:{port}/", owner=ada)
    model(owner=ada)
    work()
    delivery = hook.deliveries.get()
    assert delivery.state == "delivered", delivery.error
    assert deliveries.post(hook, delivery).status == 204  # heard before

    services.update_webhook(hook, actor=ada, secret="another")
    hook.refresh_from_db()
    assert deliveries.post(hook, delivery).status == 401
    services.update_webhook(hook, actor=ada, secret=SECRET)
    hook.refresh_from_db()
    old = deliveries.headers(hook, delivery, LONG_AGO)
    call = http.client.HTTPConnection("127.0.0.1", port)
    call.request("POST", "/", body=delivery.body, headers=old)
    assert call.getresponse().status == 401

    lines = said.read_text().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("registered_model created: ")
