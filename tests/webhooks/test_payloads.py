"""Bodies and signatures word for word as MLflow's own code makes them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow.entities import webhook as theirs
from mlflow.webhooks import delivery as their_delivery
from mlflow.webhooks import types as their_types

from governance.webhooks import events, payloads
from governance.webhooks.delivery import signature
from governance.webhooks.events import Event


def test_the_events_are_exactly_those_of_mlflow():
    pairs = {
        f"{entity.value}.{action.value}"
        for entity, actions in theirs.VALID_ENTITY_ACTIONS.items()
        for action in actions
    }

    assert set(Event.values) == pairs
    assert set(events.ENTITIES) == {entity.value for entity in theirs.WebhookEntity}
    assert set(events.ACTIONS) == {action.value for action in theirs.WebhookAction}


@pytest.mark.parametrize("event", Event)
def test_a_test_delivery_says_what_mlflow_says(event):
    their_event = theirs.WebhookEvent.from_str(event.value)

    assert payloads.EXAMPLES[event] == their_types.get_example_payload_for_event(their_event)
    assert (event.entity, event.action) == (
        their_event.entity.value,
        their_event.action.value,
    )


@given(st.text(), st.uuids(), st.integers(0, 2**40), st.text())
def test_the_signature_is_the_one_mlflow_makes(secret, delivery_id, timestamp, body):
    arguments = (secret, str(delivery_id), str(timestamp), body)
    try:
        expected = their_delivery._generate_hmac_signature(*arguments)
    except UnicodeEncodeError:
        return
    assert signature(*arguments) == expected


def test_the_document_carries_entity_action_moment_and_data():
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    body = payloads.document(Event.ALIAS_SET, {"name": "ä"}, at)

    assert json.loads(body) == {
        "entity": "model_version_alias",
        "action": "created",
        "timestamp": "2026-01-02T03:04:05+00:00",
        "data": {"name": "ä"},
    }
    assert body.isascii()


@pytest.mark.parametrize("value", ["true", "True", "TRUE"])
def test_a_prompt_is_told_by_its_tag(value):
    assert payloads.says_prompt({"mlflow.prompt.is_prompt": value})


@pytest.mark.parametrize("tags", [{}, {"mlflow.prompt.is_prompt": "false"}, {"x": "true"}])
def test_anything_else_is_no_prompt(tags):
    assert not payloads.says_prompt(tags)
