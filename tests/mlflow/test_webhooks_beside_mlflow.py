"""The same acts on a stock `mlflow server` and on ours: both tell a webhook the same, word for word."""

import json

import pytest
import requests

from tests.accounts.factories import person
from tests.api.clients import token_of
from tests.outbound.receivers import receiver
from tests.patience import soon
from tests.registry import factories
from tests.webhooks.factories import work

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}
M = {"name": "fraud"}
V = {**M, "version": "1"}
P = {"name": "greeting"}
STORY = [
    (
        "POST",
        "registered-models/create",
        {**M, "tags": [{"key": "a", "value": "1"}], "description": "D"},
    ),
    ("POST", "registered-models/create", {"name": "bare"}),
    (
        "POST",
        "model-versions/create",
        {
            **M,
            "source": "s3://bucket/m",
            "run_id": "abc",
            "tags": [{"key": "b", "value": "ä"}],
            "description": "V",
        },
    ),
    ("POST", "model-versions/create", {**M, "source": "s3://bucket/n"}),
    ("POST", "model-versions/set-tag", {**V, "key": "k", "value": "v"}),
    ("POST", "model-versions/set-tag", {**V, "key": "empty", "value": ""}),
    ("DELETE", "model-versions/delete-tag", {**V, "key": "k"}),
    ("POST", "registered-models/set-tag", {**M, "key": "k", "value": "v"}),
    ("DELETE", "registered-models/delete-tag", {**M, "key": "k"}),
    ("POST", "registered-models/alias", {**M, "alias": "canary", "version": "1"}),
    ("POST", "registered-models/alias", {**M, "alias": "canary", "version": "2"}),
    ("DELETE", "registered-models/alias", {**M, "alias": "canary"}),
    (
        "POST",
        "model-versions/transition-stage",
        {**V, "stage": "Staging", "archive_existing_versions": False},
    ),
    ("PATCH", "model-versions/update", {**V, "description": "other"}),
    ("PATCH", "registered-models/update", {**M, "description": "other"}),
    (
        "POST",
        "registered-models/create",
        {**P, "tags": [PROMPT, {"key": "lang", "value": "en"}], "description": "G"},
    ),
    ("POST", "registered-models/set-tag", {**P, "key": "k", "value": "v"}),
    ("DELETE", "registered-models/delete-tag", {**P, "key": "k"}),
    (
        "POST",
        "model-versions/create",
        {
            **P,
            "source": "dummy-source",
            "tags": [PROMPT, {"key": "mlflow.prompt.text", "value": "Hello."}],
        },
    ),
    ("POST", "model-versions/set-tag", {**P, "version": "1", "key": "k", "value": "v"}),
    ("DELETE", "model-versions/delete-tag", {**P, "version": "1", "key": "k"}),
    ("POST", "registered-models/alias", {**P, "alias": "live", "version": "1"}),
    ("DELETE", "registered-models/alias", {**P, "alias": "live"}),
    ("POST", "registered-models/rename", {**M, "new_name": "fraud-2"}),
    ("DELETE", "model-versions/delete", {"name": "fraud-2", "version": "2"}),
    ("DELETE", "registered-models/delete", {"name": "fraud-2"}),
]
EVERY = [
    ("REGISTERED_MODEL", "CREATED"),
    ("MODEL_VERSION", "CREATED"),
    ("MODEL_VERSION_TAG", "SET"),
    ("MODEL_VERSION_TAG", "DELETED"),
    ("MODEL_VERSION_ALIAS", "CREATED"),
    ("MODEL_VERSION_ALIAS", "DELETED"),
    ("PROMPT", "CREATED"),
    ("PROMPT_VERSION", "CREATED"),
    ("PROMPT_TAG", "SET"),
    ("PROMPT_TAG", "DELETED"),
    ("PROMPT_VERSION_TAG", "SET"),
    ("PROMPT_VERSION_TAG", "DELETED"),
    ("PROMPT_ALIAS", "CREATED"),
    ("PROMPT_ALIAS", "DELETED"),
]


def told_by(server, headers, facts, deliver) -> list[dict]:
    """What a webhook for everything is told while the story happens, act by act."""

    def call(method, path, body):
        answer = requests.request(
            method, f"{server}/api/2.0/mlflow/{path}", json=body, headers=headers, timeout=30
        )
        assert answer.ok, (path, answer.text)

    events = [{"entity": entity, "action": action} for entity, action in EVERY]
    call("POST", "webhooks", {"name": "w", "url": facts.url, "events": events})
    told = []
    for act in STORY:
        call(*act)
        deliver(len(told) + 1)
        told += [json.loads(one.body) for one in facts.received[len(told) :]]
    return told


def plain(told):
    return [{k: v for k, v in one.items() if k != "timestamp"} for one in told]


@pytest.fixture
def stock(stock_mlflow):
    """The stock server's address; what the story leaves there is removed."""
    yield stock_mlflow.url
    api = f"{stock_mlflow.url}/api/2.0/mlflow"
    for name in ("bare", "greeting"):
        requests.delete(f"{api}/registered-models/delete", json={"name": name}, timeout=30)
    for one in requests.get(f"{api}/webhooks", timeout=30).json()["webhooks"]:
        requests.delete(f"{api}/webhooks/{one['webhook_id']}", timeout=30)


def test_both_servers_tell_the_same(stock, live_server, settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN
    with receiver() as theirs:
        expected = told_by(
            stock, {}, theirs, lambda many: soon(lambda: len(theirs.received) >= many, 0.7)
        )
    with receiver() as ours:
        settings.WEBHOOKS_ALLOWED_HOSTS = [ours.authority]
        headers = {"Authorization": f"Bearer {token_of(person('ada'))}"}
        told = told_by(live_server.url, headers, ours, lambda _many: work())

    assert plain(told) == plain(expected)
    assert len(told) == 18
    assert [list(one) for one in told] == [list(one) for one in expected]
    names = ("Content-Type", "X-MLflow-Delivery-Id", "X-MLflow-Timestamp")
    for one in (theirs.received[0], ours.received[0]):
        assert all(one.headers[name] for name in names)
        assert "X-MLflow-Signature" not in one.headers
