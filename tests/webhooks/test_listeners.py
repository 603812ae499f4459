"""Which webhook hears what, and at what price for the write it hears of."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from governance.accounts import grants
from governance.accounts.models import User
from governance.webhooks import listeners, services
from governance.webhooks.models import Delivery
from registry import queries
from registry import services as registry
from registry.models import RegisteredModel
from tests.accounts.factories import person
from tests.registry.factories import model, version
from tests.webhooks.factories import EVERY_EVENT, webhook

pytestmark = pytest.mark.django_db
PROMPT = {"mlflow.prompt.is_prompt": "true"}


@pytest.fixture
def ada():
    return person("ada")


def told() -> list[tuple[str, dict]]:
    """What waits to be delivered: event and data."""
    rows = Delivery.objects.order_by("created_at", "pk")
    found = []
    for row in rows:
        body = json.loads(row.body)
        assert f"{body['entity']}.{body['action']}" == row.event
        assert datetime.fromisoformat(body["timestamp"]).utcoffset() == timedelta(0)
        assert list(body) == ["entity", "action", "timestamp", "data"]
        found.append((row.event, body["data"]))
    return found


def test_the_life_of_a_model_is_told_as_mlflow_tells_it(ada):
    webhook(owner=ada)
    scores = model(owner=ada, tags={"team": "risk"}, description="Scores")
    one = version(scores, source="s3://bucket/m", run_id="abc", tags={"a": "1"})
    registry.set_tag(one, "long", "x" * 2000, actor=ada)
    registry.delete_tag(one, "long", actor=ada)
    registry.set_alias(scores, "champion", one, actor=ada)
    registry.delete_alias(scores, "champion", actor=ada)

    name = {"name": "credit-scoring"}
    assert told() == [
        (
            "registered_model.created",
            {**name, "tags": {"team": "risk"}, "description": "Scores"},
        ),
        (
            "model_version.created",
            {
                **name,
                "version": "1",
                "source": "s3://bucket/m",
                "run_id": "abc",
                "tags": {"a": "1"},
                "description": None,
            },
        ),
        (
            "model_version_tag.set",
            {**name, "version": "1", "key": "long", "value": "x" * 2000},
        ),
        ("model_version_tag.deleted", {**name, "version": "1", "key": "long"}),
        ("model_version_alias.created", {**name, "alias": "champion", "version": "1"}),
        ("model_version_alias.deleted", {**name, "alias": "champion"}),
    ]


def test_the_life_of_a_prompt_has_events_of_its_own(ada):
    webhook(owner=ada)
    greeting = model("greeting", owner=ada, tags={**PROMPT, "lang": "en"})
    one = version(
        greeting,
        source="dummy-source",
        tags={
            **PROMPT,
            "_mlflow_prompt_type": "text",
            "mlflow.prompt.text": "Hello {{name}}!",
            "lang": "en",
        },
        description="First",
    )
    registry.set_tag(greeting, "k", "v", actor=ada)
    registry.delete_tag(greeting, "k", actor=ada)
    registry.set_tag(one, "k", "v", actor=ada)
    registry.delete_tag(one, "k", actor=ada)
    registry.set_alias(greeting, "production", one, actor=ada)
    registry.delete_alias(greeting, "production", actor=ada)

    name = {"name": "greeting"}
    assert told() == [
        ("prompt.created", {**name, "tags": {"lang": "en"}, "description": ""}),
        (
            "prompt_version.created",
            {
                **name,
                "version": "1",
                "template": "Hello {{name}}!",
                "tags": {"lang": "en"},
                "description": "First",
            },
        ),
        ("prompt_tag.set", {**name, "key": "k", "value": "v"}),
        ("prompt_tag.deleted", {**name, "key": "k"}),
        ("prompt_version_tag.set", {**name, "version": "1", "key": "k", "value": "v"}),
        ("prompt_version_tag.deleted", {**name, "version": "1", "key": "k"}),
        ("prompt_alias.created", {**name, "alias": "production", "version": "1"}),
        ("prompt_alias.deleted", {**name, "alias": "production"}),
    ]


def test_what_mlflow_has_no_event_for_is_not_told(ada):
    scores = model(owner=ada)
    one = version(scores)
    webhook(owner=ada)
    registry.set_tag(scores, "k", "v", actor=ada)
    registry.delete_tag(scores, "k", actor=ada)
    registry.transition_stage(one, "Staging", actor=ada)
    registry.update_version(one, actor=ada, description="d")
    registry.update_model(scores, actor=ada, description="d")
    registry.rename_model(scores, "other", actor=ada)
    registry.delete_version(one, actor=ada)
    registry.delete_model(scores, actor=ada)

    assert told() == []


def test_a_webhook_hears_only_what_it_waits_for(ada):
    webhook(owner=ada, name="versions", events=["model_version.created"])
    webhook(owner=ada, name="prompts", events=["prompt.created", "prompt_version.created"])
    off = webhook(owner=ada, name="off", status="DISABLED")
    gone = webhook(owner=ada, name="gone")
    services.delete_webhook(gone, actor=ada)
    version(model(owner=ada))

    assert [(d.event, d.webhook.name) for d in Delivery.objects.all()] == [
        ("model_version.created", "versions")
    ]
    assert not off.deliveries.exists()


def test_a_webhook_hears_no_more_than_its_maker_may_read(ada):
    webhook(owner=person("cy"), name="stranger")
    webhook(owner=person("vi", "auditor"), name="auditor")
    webhook(owner=person("root", "administrator"), name="administrator")
    webhook(owner=ada, name="owner")
    closed = person("bo", "administrator")
    webhook(owner=closed, name="closed")
    closed.is_active = False
    closed.save()
    model(owner=ada)

    heard = Delivery.objects.values_list("webhook__name", flat=True)
    assert sorted(heard) == ["administrator", "auditor", "owner"]


def test_readers_are_those_to_whom_the_model_is_visible(ada):
    scores = model(owner=ada)
    people = [
        ada,
        person("cy"),
        person("vi", "auditor"),
        person("root", "administrator"),
        User.objects.create_superuser("super"),
        User.objects.create_user("empty"),
        User.objects.create_superuser("former", is_active=False),
    ]
    other = model("other", owner=person("cy"))
    grants.own(other, people[5])

    for one in (scores, other):
        expected = {
            user.pk
            for user in people
            if RegisteredModel.objects.visible_to(user).filter(pk=one.pk).exists()
        }
        assert queries.readers(one, among=[user.pk for user in people]) == expected
        assert queries.readers(one, among=[]) == set()


def test_nothing_is_told_of_a_change_that_was_undone(ada):
    webhook(owner=ada)
    with transaction.atomic():
        scores = RegisteredModel.objects.create(name="undone", created_by=ada)
        grants.own(scores, ada)
        listeners.write_deliveries(
            "registry.model.created", scores, actor=ada, data={"tags": {}}
        )
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()


def test_nobody_waiting_costs_one_statement_and_no_event_none(ada, django_assert_num_queries):
    scores = model(owner=ada)
    one = version(scores)
    webhook(owner=ada, events=["prompt_alias.deleted"])

    for event in ("registry.version.created", "registry.tag.set", "registry.alias.set"):
        with django_assert_num_queries(1):
            listeners.write_deliveries(event, one, actor=ada, data={"tags": {}, "key": "k"})
    for event in ("registry.stage.changed", "registry.version.deleted"):
        with django_assert_num_queries(0):
            listeners.write_deliveries(event, one, actor=ada, data={})


def test_a_hundred_webhooks_cost_no_more_statements_than_one(
    ada, django_assert_max_num_queries
):
    scores = model(owner=ada)
    one = version(scores)
    for number in range(50):
        webhook(owner=ada, name=f"a{number}", events=EVERY_EVENT)
        webhook(owner=person(f"admin{number % 5}", "administrator"), name=f"b{number}")

    with django_assert_max_num_queries(3 + 2), transaction.atomic():  # its begin and commit
        listeners.write_deliveries(
            "registry.version.created", one, actor=ada, data={"tags": {}}
        )

    assert Delivery.objects.count() == 100
