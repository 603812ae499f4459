"""Deliveries to a real receiver: signed, tried again, given up, and never to where they may not go."""

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.audit.models import Entry
from governance.notifications.models import Notification
from governance.webhooks import rules, runner, services
from governance.webhooks.models import Delivery, Webhook
from registry import services as registry
from tests.accounts.factories import person
from tests.outbound.receivers import Reply, receiver
from tests.registry.factories import model, version
from tests.webhooks.factories import SECRET, due, later, webhook, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return person("ada")


def the_delivery() -> Delivery:
    return Delivery.objects.select_related("webhook").get()


def test_a_delivery_is_signed_and_says_what_happened(ada, there):
    hook = webhook(there.url, owner=ada)
    model(owner=ada, tags={"team": "ä"})
    work()

    (got,) = there.received
    delivery = the_delivery()
    signed = f"{got.headers['X-MLflow-Delivery-Id']}.{got.headers['X-MLflow-Timestamp']}."
    expected = hmac.new(SECRET.encode(), signed.encode() + got.body, hashlib.sha256).digest()
    assert got.headers["X-MLflow-Signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert uuid.UUID(got.headers["X-MLflow-Delivery-Id"]) == delivery.pk
    assert abs(int(got.headers["X-MLflow-Timestamp"]) - time.time()) < 60
    assert got.headers["Content-Type"] == "application/json"
    assert (got.method, got.path) == ("POST", "/hook")
    assert json.loads(got.body)["data"]["tags"] == {"team": "ä"}
    assert (delivery.state, delivery.attempts) == ("delivered", 1)
    assert (delivery.response_status, delivery.response_body) == (200, "thank you")
    hook.refresh_from_db()
    assert hook.delivered_at and hook.busy_until is None and hook.state == "active"


def test_without_a_secret_nothing_is_signed(ada, there):
    webhook(there.url, owner=ada, secret="")
    model(owner=ada)
    work()

    assert "X-MLflow-Signature" not in there.received[0].headers


def test_when_the_secret_cannot_be_read_nothing_is_sent_until_it_is_set_again(ada, there):
    hook = webhook(there.url, owner=ada)
    Webhook.objects.update(sealed_secret="gibberish")
    model(owner=ada)
    work()

    assert there.received == []
    assert the_delivery().state == "waiting"
    assert "set it again" in the_delivery().error
    services.update_webhook(hook, actor=ada, secret=SECRET)
    later(10)
    work()
    assert the_delivery().state == "delivered"


def test_trouble_of_the_receiver_is_tried_again_under_the_same_id(ada, there):
    webhook(there.url, owner=ada)
    there.replies = [Reply(500, b"oops"), Reply(429), Reply(204, b"")]
    model(owner=ada)
    work()
    first = the_delivery()
    work()
    assert len(there.received) == 1  # its time has not come
    later(10)
    work()
    later(30)
    work()

    assert (first.state, first.response_status, first.response_body) == ("waiting", 500, "oops")
    assert first.error == "The receiver answered with status 500."
    assert (the_delivery().state, the_delivery().attempts) == ("delivered", 3)
    assert len({got.headers["X-MLflow-Delivery-Id"] for got in there.received}) == 1
    assert len({got.body for got in there.received}) == 1


def test_a_receiver_that_names_its_time_is_not_asked_before(ada, there):
    webhook(there.url, owner=ada)
    there.replies = [Reply(503, b"", {"Retry-After": "500"}), Reply()]
    model(owner=ada)
    work()
    later(450)
    work()
    assert len(there.received) == 1
    later(60)
    work()

    assert the_delivery().state == "delivered"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410])
def test_a_refusal_or_a_redirect_ends_the_delivery(ada, there, status):
    webhook(there.url, owner=ada)
    with receiver() as elsewhere:
        there.replies = [Reply(status, b"no", {"Location": elsewhere.url})]
        model(owner=ada)
        work()
        later(10**6)
        work()

        assert elsewhere.received == []
    assert len(there.received) == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.response_status) == ("failed", status)
    assert delivery.error == f"The receiver answered with status {status}."


def test_after_the_last_try_the_delivery_is_given_up(ada, there):
    webhook(there.url, owner=ada)
    there.replies = [Reply(500)]
    model(owner=ada)
    for wait in (0, *rules.WAITS):
        later(wait)
        work()

    assert len(there.received) == rules.MOST_ATTEMPTS
    assert the_delivery().state == "given_up"
    assert the_delivery().finished_at


def test_a_mistake_of_ours_holds_nothing_up_behind_it(ada, there, monkeypatch):
    webhook(there.url, owner=ada)
    scores = model(owner=ada)
    first = the_delivery()
    version(scores)
    real = runner.post

    def broken(hook, delivery):
        if delivery.pk == first.pk:
            raise ZeroDivisionError
        return real(hook, delivery)

    monkeypatch.setattr(runner, "post", broken)
    work()
    later(10)
    work()

    first.refresh_from_db()
    assert "broke with ZeroDivisionError" in first.error and first.state == "waiting"
    assert Delivery.objects.exclude(pk=first.pk).get().state == "delivered"


def test_only_the_beginning_of_an_answer_is_kept_and_nul_does_no_harm(ada, there):
    webhook(there.url, owner=ada)
    there.replies = [Reply(200, b"\0" + "ä".encode() * 100_000 + b"\xff")]
    model(owner=ada)
    work()

    assert the_delivery().response_body == "ä" * 999


def test_a_receiver_that_is_away_rests_and_loses_nothing(ada, settings):
    with receiver() as gone:
        url = gone.url
    settings.WEBHOOKS_ALLOWED_HOSTS = [gone.authority]
    hook = webhook(url, owner=ada)
    scores = model(owner=ada)
    version(scores)
    version(scores)
    work()

    hook.refresh_from_db()
    tried = Delivery.objects.filter(attempts=1)
    assert [delivery.error for delivery in tried] == [
        f"127.0.0.1 takes no calls at port {gone.port}."
    ]
    assert hook.rests_until and hook.failures == 1
    assert Delivery.objects.waiting().count() == 3
    waiting = Delivery.objects.filter(attempts=0).first()
    assert waiting.next_at < timezone.now() < waiting.next_try_at == hook.rests_until
    assert not waiting.is_under_way
    for _ in range(2):
        later(4000)
        work()
    hook.refresh_from_db()
    assert (hook.failures, hook.state) == (3, "failing")
    services.update_webhook(hook, actor=ada, status="DISABLED")
    assert Delivery.objects.waiting().first().next_try_at is None


def test_a_webhook_recovers_with_the_first_success(ada, there):
    hook = webhook(there.url, owner=ada)
    Webhook.objects.update(failures=5, failing_since=timezone.now())
    model(owner=ada)
    work()

    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since, hook.state) == (0, None, "active")


def test_failing_for_a_day_is_written_into_the_trail_once(ada, there):
    webhook(there.url, owner=ada)
    there.replies = [Reply(500)]
    model(owner=ada)
    for _ in range(5):
        work()
        later(13 * 3600)

    assert Entry.objects.filter(event="webhooks.failing").count() == 1
    told = Notification.objects.get()
    assert (told.user, told.kind) == (ada, "webhook_failing")


def test_a_private_address_behind_a_public_name_is_not_called(ada, settings, monkeypatch):
    """The name was judged when the webhook was made; where it leads is judged at every call."""
    import socket

    hook = webhook("https://hooks.example.com/in", owner=ada)
    with receiver() as there:
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, **_: [(socket.AF_INET, 1, 6, "", ("127.0.0.1", there.port))],
        )
        model(owner=ada)
        work()

        assert there.received == []
    assert the_delivery().state == "given_up"
    assert the_delivery().error == (
        "hooks.example.com leads to 127.0.0.1, which is not on the public internet."
    )
    hook.refresh_from_db()
    assert hook.failures == 1


def test_an_address_no_longer_allowed_is_not_called(ada, there, settings):
    webhook(there.url, owner=ada)
    settings.WEBHOOKS_ALLOWED_HOSTS = []
    model(owner=ada)
    work()

    assert there.received == []
    assert the_delivery().state == "given_up"


def test_rights_taken_back_before_a_try_keep_the_delivery_back(ada, there):
    hook = webhook(there.url, owner=ada)
    there.replies = [Reply(500)]
    model(owner=ada)
    work()
    from guardian.models import UserObjectPermission

    UserObjectPermission.objects.all().delete()
    later(10)
    work()

    assert len(there.received) == 1
    assert the_delivery().error == "The webhook's maker may no longer see the model."
    hook.refresh_from_db()
    assert hook.failures == 1  # the receiver did nothing wrong the second time


def test_a_closed_account_is_told_nothing_more(ada, there):
    webhook(there.url, owner=ada)
    model(owner=ada)
    ada.is_active = False
    ada.save()
    work()

    assert there.received == []
    assert the_delivery().state == "given_up"


def test_what_a_deleted_model_still_has_to_say_is_said(ada, there):
    webhook(there.url, owner=ada)
    scores = model(owner=ada)
    registry.delete_model(scores, actor=ada)
    work()

    assert the_delivery().state == "delivered"


def test_a_disabled_webhook_keeps_what_waits_until_it_is_enabled(ada, there):
    hook = webhook(there.url, owner=ada)
    model(owner=ada)
    services.update_webhook(hook, actor=ada, status="DISABLED")
    work()
    assert there.received == []
    services.update_webhook(hook, actor=ada, status="ACTIVE")
    work()

    assert the_delivery().state == "delivered"


# workers that die, messages that are lost


def test_a_try_whose_worker_died_is_made_again_and_the_dead_one_writes_nothing(ada, there):
    hook = webhook(there.url, owner=ada)
    model(owner=ada)
    taken = runner._claim_next(str(hook.pk))  # and the worker is gone
    work()
    assert there.received == []
    later(runner.CLAIM.total_seconds())
    work()
    assert the_delivery().state == "delivered"
    runner._make(taken, releases_webhook=True)  # the worker was only believed dead

    delivery = the_delivery()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    hook.refresh_from_db()
    assert hook.busy_until is None


def test_what_nobody_was_told_of_is_found_by_the_sweeper(ada, there):
    webhook(there.url, owner=ada)
    idle = webhook(there.url, owner=ada, name="idle", events=["prompt.created"])
    model(owner=ada)

    assert runner.sweep() == 1
    assert not idle.deliveries.exists()
    Webhook.objects.update(busy_until=timezone.now() + timedelta(seconds=60))
    assert runner.sweep() == 0
    later(60)
    Webhook.objects.update(rests_until=timezone.now() + timedelta(seconds=60))
    assert runner.sweep() == 0
    later(60)
    assert runner.sweep() == 1


def test_the_sweeper_ends_what_is_too_old_and_forgets_what_is_long_over(ada, there):
    hook = webhook(there.url, owner=ada)
    there.replies = [Reply(500)]
    model(owner=ada)
    work()
    later(rules.LONGEST_AGE.total_seconds() + 1)
    runner.sweep()

    assert (the_delivery().state, due()) == ("given_up", [])
    assert the_delivery().error == "Not delivered within 3 days."
    Delivery.objects.update(finished_at=timezone.now() - runner.KEPT)
    runner.sweep()
    assert not hook.deliveries.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_a_delivery_once(ada, there):
    from django.db import connection

    hook = webhook(there.url, owner=ada)
    scores = model(owner=ada)
    for _ in range(10):
        version(scores)

    def worker():
        runner.deliver(str(hook.pk))
        connection.close()

    workers = [threading.Thread(target=worker) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    ids = [got.headers["X-MLflow-Delivery-Id"] for got in there.received]
    assert len(ids) == len(set(ids)) == 11
    numbers = [json.loads(got.body)["data"].get("version") for got in there.received]
    assert numbers == [None, *(str(n) for n in range(1, 11))]


def test_a_slow_receiver_gives_others_their_turn(ada, there, monkeypatch):
    monkeypatch.setattr(runner, "TURN_SECONDS", 0.2)
    hook = webhook(there.url, owner=ada)
    there.before_reply = lambda: time.sleep(0.3)
    scores = model(owner=ada)
    version(scores)
    runner.deliver(str(hook.pk))

    assert len(there.received) == 1
    hook.refresh_from_db()
    assert hook.busy_until is None and len(due()) == 1


# tests and sending again


def test_a_test_says_mlflows_example_and_is_tried_once(ada, there):
    hook = webhook(there.url, owner=ada, events=["prompt.created", "model_version.created"])
    there.replies = [Reply(500, b"broken"), Reply()]
    first = services.send_test(hook, actor=ada)
    second = services.send_test(hook, actor=ada, event="model_version.created")
    work()
    later(10**5)
    work()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.event, first.state, first.response_status) == (
        "prompt.created",
        "failed",
        500,
    )
    assert second.state == "delivered"
    assert json.loads(there.received[1].body)["data"]["name"] == "example_model"
    hook.refresh_from_db()
    assert hook.failures == 0


def test_a_test_takes_the_webhook_from_no_other_worker(ada, there):
    hook = webhook(there.url, owner=ada)
    model(owner=ada)
    taken = runner._claim_next(str(hook.pk))
    runner.deliver_one(str(services.send_test(hook, actor=ada).pk))

    hook.refresh_from_db()
    assert hook.busy_until and runner._claim_next(str(hook.pk)) is None
    runner._make(taken, releases_webhook=True)
    hook.refresh_from_db()
    assert hook.busy_until is None and len(there.received) == 2


def test_a_disabled_webhook_may_be_tested(ada, there):
    hook = webhook(there.url, owner=ada, status="DISABLED")
    delivery = services.send_test(hook, actor=ada)
    runner.deliver_one(str(delivery.pk))

    assert services.wait_for(delivery, seconds=0).state == "delivered"


def test_a_lost_test_is_found_by_the_sweeper(ada, there):
    delivery = services.send_test(webhook(there.url, owner=ada), actor=ada)
    runner.sweep()
    work()

    assert services.wait_for(delivery, seconds=0).is_finished


def test_sending_again_says_the_same_under_another_id(ada, there):
    webhook(there.url, owner=ada)
    there.replies = [Reply(404), Reply()]
    model(owner=ada)
    work()
    again = services.send_again(the_delivery(), actor=ada)
    work()

    again.refresh_from_db()
    one, two = there.received
    assert one.body == two.body
    assert one.headers["X-MLflow-Delivery-Id"] != two.headers["X-MLflow-Delivery-Id"]
    assert (again.state, again.again_of.state) == ("delivered", "failed")
    assert Entry.objects.filter(event="webhooks.resent", actor=ada).count() == 1
