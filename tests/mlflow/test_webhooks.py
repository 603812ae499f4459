"""MLflow's own client makes, tests and deletes webhooks; a real worker delivers to a real receiver."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow.entities.webhook import WebhookEvent
from mlflow.exceptions import MlflowException

from governance.api.mlflow import webhooks
from governance.api.mlflow.errors import STATUS
from governance.webhooks.models import Delivery, Webhook
from tests.accounts.factories import person
from tests.api.clients import bearing
from tests.jobs import workers
from tests.outbound.receivers import Reply, receiver
from tests.patience import soon
from tests.registry import factories
from tests.webhooks.factories import webhook

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/2.0/mlflow/webhooks"
URL = "https://hooks.example.com/in"


@pytest.fixture(autouse=True)
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN


@pytest.fixture
def ada(as_user):
    return as_user(person("ada"))


@pytest.fixture
def there(settings, monkeypatch, tmp_path, live_server):
    """A receiver, and a worker that may call it."""
    with receiver() as facts:
        settings.WEBHOOKS_ALLOWED_HOSTS = [facts.authority]
        monkeypatch.setenv("WEBHOOKS_ALLOWED_HOSTS", facts.authority)
        monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
        worker = workers.Worker(tmp_path / "worker", concurrency=1)
        with workers.sending_to(worker.home):
            try:
                worker.start()
                yield facts
            finally:
                worker.kill()


def test_a_webhook_is_made_read_changed_and_deleted(ada):
    made = ada.create_webhook(
        "ci",
        URL,
        ["model_version.created", "model_version_alias.created"],
        description="Starts the build",
        secret="geheim",
    )
    assert made.webhook_id and made.secret is None
    read = ada.get_webhook(made.webhook_id)
    assert (read.name, read.url, read.status, read.description) == (
        "ci",
        URL,
        "ACTIVE",
        "Starts the build",
    )
    assert [str(event) for event in read.events] == [
        "model_version.created",
        "model_version_alias.created",
    ]
    assert read.creation_timestamp == read.last_updated_timestamp > 1_600_000_000_000

    changed = ada.update_webhook(
        made.webhook_id, name="cd", status="DISABLED", events=["prompt.created"]
    )
    assert (changed.name, changed.status, changed.url) == ("cd", "DISABLED", URL)
    assert Webhook.objects.get().secret == "geheim"
    ada.delete_webhook(made.webhook_id)
    with pytest.raises(MlflowException, match=f"Webhook with ID {made.webhook_id} not found"):
        ada.get_webhook(made.webhook_id)
    assert list(ada.list_webhooks()) == []


def test_a_list_is_read_page_by_page_newest_first(ada):
    for number in range(5):
        ada.create_webhook(f"w{number}", URL, ["prompt.created"])

    names, token = [], None
    while True:
        page = ada.list_webhooks(max_results=2, page_token=token)
        names += [one.name for one in page]
        token = page.token
        if not token:
            break
    assert names == ["w4", "w3", "w2", "w1", "w0"]


def test_what_happens_in_the_registry_reaches_the_receiver(ada, there):
    made = ada.create_webhook("ci", there.url, ["model_version.created"], secret="geheim")
    ada.create_registered_model("fraud")
    ada.create_model_version("fraud", "s3://bucket/m", run_id="abc")

    assert soon(lambda: there.received)
    told = json.loads(there.received[0].body)
    assert (told["entity"], told["action"]) == ("model_version", "created")
    assert told["data"]["source"] == "s3://bucket/m"
    from mlflow.webhooks.delivery import _generate_hmac_signature

    headers = there.received[0].headers
    assert headers["X-MLflow-Signature"] == _generate_hmac_signature(
        "geheim",
        headers["X-MLflow-Delivery-Id"],
        headers["X-MLflow-Timestamp"],
        there.received[0].body.decode(),
    )
    assert soon(lambda: Delivery.objects.get().state == "delivered")

    there.replies = [Reply(200, b"fine"), Reply(503, b"busy")]
    good = ada.test_webhook(made.webhook_id)
    bad = ada.test_webhook(made.webhook_id, WebhookEvent("prompt_alias", "created"))
    assert (good.success, good.response_status, good.response_body) == (True, 200, "fine")
    assert (bad.success, bad.response_status, bad.response_body) == (False, 503, "busy")
    assert json.loads(there.received[2].body)["data"]["alias"] == "example_alias"


def test_a_prompt_has_events_of_its_own(ada):
    ada.create_webhook("ci", URL, ["prompt.created", "registered_model.created"])
    tags = [
        {"key": "mlflow.prompt.is_prompt", "value": "true"},
        {"key": "lang", "value": "en"},
    ]
    bearing(person("ada")).post(
        "/api/2.0/mlflow/registered-models/create",
        {"name": "greeting", "tags": tags},
        format="json",
    )

    delivery = Delivery.objects.get()
    assert delivery.event == "prompt.created"
    assert json.loads(delivery.body)["data"]["tags"] == {"lang": "en"}


def test_a_test_that_no_worker_takes_says_where_to_look(ada, monkeypatch, settings):
    monkeypatch.setattr(webhooks, "TEST_SECONDS", 0.2)
    made = ada.create_webhook("ci", URL, ["prompt.created"])
    result = ada.test_webhook(made.webhook_id)

    assert not result.success
    assert (
        f"queued; see the delivery log at {settings.PUBLIC_URL}/webhooks/{made.webhook_id}/"
        in result.error_message
    )


def test_tests_that_wait_leave_threads_for_others(ada):
    made = ada.create_webhook("ci", URL, ["prompt.created"])
    started = time.monotonic()
    with webhooks.places_to_wait, webhooks.places_to_wait:
        assert "queued" in ada.test_webhook(made.webhook_id).error_message

    assert time.monotonic() - started < webhooks.TEST_SECONDS


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Missing value for required parameter 'name'"),
        ({"name": "-"}, "A webhook's name has 1 to 63"),
        ({"url": "http://x.example/"}, "must begin with https://"),
        ({"url": "https://127.0.0.1/"}, "not on the public internet"),
        ({"events": []}, "Missing value for required parameter 'events'"),
        ({"events": "x"}, "Invalid value"),
        ({"events": [{"entity": "MODEL_VERSION"}]}, "required parameter 'action'"),
        (
            {"events": [{"entity": "MODEL", "action": "SET"}]},
            "Unknown entity 'MODEL'; it is one of REGISTERED_MODEL, MODEL_VERSION,",
        ),
        ({"events": [{"entity": "PROMPT", "action": "GONE"}]}, "Unknown action 'GONE'"),
        (
            {"events": [{"entity": "MODEL_VERSION", "action": "DELETED"}]},
            "Invalid action 'deleted' for entity 'model_version'. Valid actions are: ['created']",
        ),
        ({"events": [{"entity": "PROMPT", "action": "CREATED"}] * 101}, "at most 100"),
        ({"status": "PAUSED"}, "A status is one of ACTIVE, DISABLED."),
        ({"secret": "x" * 1001}, "at most 1,000"),
        ({"secret": 5}, "Invalid value 5"),
    ],
)
def test_what_cannot_be_used_is_a_400_with_a_sentence(given, said):
    ada = bearing(person("ada"))
    body = {
        "name": "ci",
        "url": URL,
        "events": [{"entity": "PROMPT", "action": "CREATED"}],
        **given,
    }
    answer = ada.post(ADDRESS, body, format="json")

    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert said in answer.json()["message"]


@pytest.mark.parametrize("query", ["max_results=0", "max_results=1001", "page_token=junk"])
def test_junk_in_a_list_is_a_400(query):
    assert bearing(person("ada")).get(f"{ADDRESS}?{query}").status_code == 400


def test_a_token_without_the_scope_makes_none_and_others_find_none():
    ada = person("ada")
    hook = webhook(owner=ada)
    body = {"name": "ci", "url": URL, "events": [{"entity": "PROMPT", "action": "CREATED"}]}

    refused = bearing(ada, "read").post(ADDRESS, body, format="json")
    assert (refused.status_code, refused.json()["error_code"]) == (403, "PERMISSION_DENIED")
    stranger = bearing(person("cy"))
    assert stranger.get(ADDRESS).json() == {"webhooks": []}
    for answer in (
        stranger.get(f"{ADDRESS}/{hook.pk}"),
        stranger.patch(f"{ADDRESS}/{hook.pk}", {"name": "x"}, format="json"),
        stranger.delete(f"{ADDRESS}/{hook.pk}"),
        stranger.post(f"{ADDRESS}/{hook.pk}/test", {}, format="json"),
        stranger.get(f"{ADDRESS}/nonsense"),
    ):
        assert (answer.status_code, answer.json()["error_code"]) == (
            404,
            "RESOURCE_DOES_NOT_EXIST",
        )
    listed = bearing(person("root", "administrator")).get(ADDRESS).json()
    assert [one["webhook_id"] for one in listed["webhooks"]] == [str(hook.pk)]
    assert "geheim" not in str(listed)


names = st.sampled_from(["REGISTERED_MODEL", "PROMPT", "CREATED", "SET", "prompt", ""])
event = st.dictionaries(st.sampled_from(["entity", "action", "x"]), names | st.integers())
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["ci", URL, "https://[::1", "ACTIVE", "DISABLED"])
    | event
    | st.lists(event | st.text(max_size=5), max_size=3)
)
FIELDS = ["name", "url", "events", "event", "description", "secret", "status", "page_token"]


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(
    ("method", "path"), [("post", ""), ("patch", "/{id}"), ("post", "/{id}/test")]
)
def test_no_body_breaks_the_server(method, path, monkeypatch):
    monkeypatch.setattr(webhooks, "TEST_SECONDS", 0)
    ada = person("ada")
    client, hook = bearing(ada), webhook(owner=ada)

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from(FIELDS), values))
    def send(body):
        address = ADDRESS + path.format(id=hook.pk)
        answer = getattr(client, method)(address, body, format="json")
        assert answer.status_code < 500
        if answer.status_code != 200:
            assert answer.json()["error_code"] in STATUS and answer.json()["message"]

    send()
