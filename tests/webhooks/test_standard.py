"""Governance webhooks: who hears what, signed as Standard Webhooks wants it, with a secret that can change."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from guardian.models import UserObjectPermission
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from governance.approvals import services as approvals
from governance.audit import services as audit
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.webhooks import services
from governance.webhooks.models import Delivery, Webhook
from tests.approvals.factories import open_request, person, sign, story
from tests.outbound.receivers import Reply
from tests.webhooks.factories import later, webhook, work
from tests.webhooks.standard_factories import governed

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return person("root", "administrator")


def told() -> list[dict]:
    return [json.loads(row.body) for row in Delivery.objects.order_by("created_at", "pk")]


def test_a_signature_reaches_the_receiver_signed_and_small(root, there):
    request = open_request(story())
    hook = governed(there.url, owner=root, events=["request.signed"])
    sign(request, "rui")
    work()

    [got] = there.received
    body = Receiver(hook.secret).verify(got.body, got.headers)
    [delivery] = Delivery.objects.all()
    assert got.headers["webhook-id"] == str(delivery.pk)
    assert body["type"] == "request.signed"
    data = body["data"]
    assert data["actor"] == {"username": "rui", "name": "Rui"}
    assert data["subject"]["kind"] == "approvals.request"
    assert data["subject"]["id"] == str(request.pk)
    assert data["subject"]["url"].endswith(f"/approvals/{request.pk}/")
    assert (data["model"], data["version"]) == ("credit-scoring", 1)
    assert (data["step"], data["decision"], data["letter"]) == ("validation", "approve", "R")
    assert data["digest"] == request.evidence_digest
    assert "evidence" not in data
    assert data["entry"] == Entry.objects.get(event="approvals.voted").pk


def test_another_secret_does_not_verify(root, there):
    governed(there.url, owner=root, events=["request.opened"])
    open_request(story())
    work()

    [got] = there.received
    other = services.create_webhook(
        actor=root, name="b", url=there.url, events=["request.opened"], format="standard"
    )
    with pytest.raises(WebhookVerificationError):
        Receiver(other.secret).verify(got.body, got.headers)
    forged = got.body.replace(b"credit", b"cradit")
    with pytest.raises(WebhookVerificationError):
        Receiver(Webhook.objects.get(name="tickets").secret).verify(forged, got.headers)


def test_a_whole_request_is_told_in_its_order(root):
    governed(owner=root)
    request = open_request(story())
    sign(request, "rui")
    sign(request, "bo")

    types = [body["type"] for body in told() if body["type"].startswith("request")]
    assert types == ["request.opened", "request.signed", "request.signed", "request.approved"]


def test_the_maker_hears_only_of_what_they_may_see(root):
    governed(owner=person("cy"), name="blind", events=["request.opened", "raci.changed"])
    governed(owner=person("ada"), name="seeing", events=["request.opened"])
    open_request(story())

    assert [row.webhook.name for row in Delivery.objects.all()] == ["seeing"]


def test_who_lost_sight_of_it_is_told_nothing_more(there):
    governed(there.url, owner=person("ada"), events=["request.opened"])
    open_request(story())
    UserObjectPermission.objects.all().delete()
    work()

    [delivery] = Delivery.objects.all()
    assert there.received == []
    assert delivery.state == "given_up"
    assert "may no longer see" in delivery.error


def test_a_refusal_is_told_to_nobody(root):
    request = open_request(story())
    governed(owner=root)
    with pytest.raises(NotAllowed):
        sign(request, "bo")  # not his turn yet

    assert told() == []


class Undone(Exception):
    pass


def test_what_was_rolled_back_is_told_to_nobody(root, there):
    governed(there.url, owner=root)
    with pytest.raises(Undone), transaction.atomic():
        audit.record(Event.TIER_CHANGED, root, actor=root, before=1, after=2, reason="")
        assert Delivery.objects.count() == 1
        raise Undone
    work()

    assert there.received == []


def test_when_nobody_waits_it_costs_one_statement(root):
    with CaptureQueriesContext(connection) as held:
        audit.record(Event.TIER_CHANGED, root, actor=root, before=1, after=2, reason="")

    assert len([one for one in held if "webhooks_" in one["sql"]]) == 1


def test_a_changed_secret_signs_with_the_former_one_for_a_day(root, there):
    hook = governed(there.url, owner=root, events=["request.opened"])
    former = hook.secret
    hook, secret = services.rotate_secret(hook, actor=root)
    assert secret.startswith("whsec_") and secret != former
    services.send_test(hook, actor=root)
    work()
    [got] = there.received
    for valid in (former, secret):
        assert Receiver(valid).verify(got.body, got.headers)["type"] == "request.opened"

    Webhook.objects.update(former_secret_until=hook.created_at - timedelta(days=1))
    services.send_test(hook, actor=root)
    work()
    got = there.received[-1]
    Receiver(secret).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Receiver(former).verify(got.body, got.headers)


def test_secrets_are_neither_on_the_row_nor_on_the_trail(root):
    hook = governed(owner=root)
    first = hook.secret
    hook, second = services.rotate_secret(hook, actor=root)
    row = str(Webhook.objects.filter(pk=hook.pk).values().get())
    trail = str(list(Entry.objects.values_list("data", flat=True)))
    for secret in (first, second):
        assert secret not in row
        assert secret not in trail


def test_a_delivery_is_tried_again_with_the_same_id(root, there):
    hook = governed(there.url, owner=root, events=["request.opened"])
    there.replies = [Reply(503), Reply(204)]
    open_request(story())
    work()
    later(60)
    work()

    first, second = there.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    Receiver(hook.secret).verify(second.body, second.headers)
    assert Delivery.objects.get().state == "delivered"


def test_the_formats_keep_their_events_and_secrets_apart(root):
    with pytest.raises(Invalid, match="no governance event"):
        governed(owner=root, events=["registered_model.created"])
    with pytest.raises(Invalid):
        webhook(owner=root, events=["request.opened"])
    hook = governed(owner=root)
    with pytest.raises(Invalid, match="server makes the secret"):
        services.update_webhook(hook, actor=root, secret="mine")
    with pytest.raises(Conflict):
        services.rotate_secret(webhook(owner=root, name="mlflow"), actor=root)


def test_withdrawals_are_told_with_the_reason(root):
    request = open_request(story())
    governed(owner=root, events=["request.withdrawn"])
    approvals.withdraw(request, actor=person("ada"), reason="A better version is coming.")

    [body] = told()
    assert body["data"]["reason"] == "A better version is coming."
