"""The same acts on a stock `mlflow server` and on ours: both tell a webhook the same, word for word."""

import json
import os
import socket
import subprocess
import sys

import pytest
import requests

from tests.accounts.factories import person
from tests.api.clients import token_of
from tests.jobs.workers import soon
from tests.outbound.receivers import receiver
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


@pytest.fixture
def stock(tmp_path):
    """The address of a stock server that may call this machine."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["mlflow", "server", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db"]
    allowed = {
        "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
        "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
    }
    with (tmp_path / "mlflow.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=log,
            stderr=log,
            cwd=tmp_path,
            env=os.environ | allowed,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        up = soon(lambda: process.poll() is not None or answers(f"{url}/health"), 120)
        assert up and process.poll() is None, (tmp_path / "mlflow.log").read_text()[-3000:]
        yield url
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def answers(url) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


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
    assert len(told) == 13
    assert [list(one) for one in told] == [list(one) for one in expected]
    names = ("Content-Type", "X-MLflow-Delivery-Id", "X-MLflow-Timestamp")
    for one in (theirs.received[0], ours.received[0]):
        assert all(one.headers[name] for name in names)
        assert "X-MLflow-Signature" not in one.headers
