"""The door for another server's webhooks: signed, fresh, new; everything else is shut without a word."""

import base64
import hashlib
import hmac
import time
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from governance.connections import services
from governance.connections.models import HookDelivery
from governance.jobs.models import Job
from tests.connections.factories import administrator, connection
from tests.patience import soon

pytestmark = pytest.mark.django_db(transaction=True)
BODY = b'{"entity": "model_version_alias", "action": "created", "data": {"name": "credit"}}'


@pytest.fixture
def hooked():
    return connection(for_registry=True, hook_secret="hush")


def post(one, *, secret="hush", delivery=None, timestamp=None, body=BODY, sent=None):
    delivery, timestamp = delivery or str(uuid.uuid4()), str(timestamp or int(time.time()))
    signed = f"{delivery}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()
    return (
        Client(enforce_csrf_checks=True)
        .post(
            f"/hooks/mlflow/{one.pk}",
            sent or body,
            content_type="application/json",
            headers={
                "X-MLflow-Delivery-Id": delivery,
                "X-MLflow-Timestamp": timestamp,
                "X-MLflow-Signature": f"v1,{signature}",
            },
        )
        .status_code
    )


def looks():
    return list(Job.objects.filter(kind=services.SYNC).values_list("arguments", flat=True))


def test_genuine_event_queues_one_look_at_its_model(hooked):
    assert post(hooked) == 202
    assert post(hooked) == 202
    assert looks() == [{"connection": str(hooked.pk), "name": "credit"}]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": {"name": 5}}', b"\xff"])
def test_event_that_names_no_model_looks_at_all(hooked, body):
    assert post(hooked, body=body) == 202
    assert looks()[0]["name"] == ""


def test_false_stale_and_repeated_posts_are_refused(hooked):
    delivery = str(uuid.uuid4())
    assert post(hooked, delivery=delivery) == 202
    assert post(hooked, delivery=delivery) == 403
    assert post(hooked, secret="guess") == 403
    assert post(hooked, timestamp=int(time.time()) - 301) == 403
    assert post(hooked, timestamp="soon") == 403
    assert post(hooked, delivery="not-a-uuid") == 403
    assert post(hooked, sent=BODY + b" ") == 403
    assert len(looks()) == 1


def test_connection_without_secret_or_switched_off_is_not_there(hooked):
    assert post(connection(name="other", for_registry=True)) == 404
    services.update_connection(hooked, actor=administrator(), is_enabled=False)
    assert post(hooked) == 404


def test_large_body_is_not_read(hooked):
    assert post(hooked, body=b"x" * (1024 * 1024 + 1)) == 413


def test_delivery_ids_are_forgotten_once_nobody_could_use_them_again(hooked):
    post(hooked)
    services.reconcile()
    assert HookDelivery.objects.count() == 1
    HookDelivery.objects.update(at=timezone.now() - services.HOOKS_REMEMBERED)
    services.reconcile()
    assert not HookDelivery.objects.exists()


@pytest.mark.processes
def test_webhook_of_a_stock_server_is_believed(there, live_server):
    """The signature is that of MLflow's own code, posted by MLflow's own server."""
    there.client.create_registered_model("hooked")
    there.client.create_model_version("hooked", source="s3://bucket/m")
    one = connection(there.url, for_registry=True, hook_secret="hush")
    webhook = there.client.create_webhook(
        name="imprimatur",
        url=f"{live_server.url}/hooks/mlflow/{one.pk}",
        events=["model_version_alias.created"],
        secret="hush",
    )
    there.client.set_registered_model_alias("hooked", "candidate", "1")
    try:
        assert soon(lambda: {"connection": str(one.pk), "name": "hooked"} in looks())
    finally:
        there.client.delete_webhook(webhook.webhook_id)
        there.client.delete_registered_model("hooked")
