"""Whatever is sent, the answer is MLflow's error document with a status its client does not retry."""

import json
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from governance.api.mlflow import urls
from governance.api.mlflow.errors import STATUS
from tests.accounts.factories import person
from tests.mlflow.calls import API, caller
from tests.registry import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return person("ada")


@pytest.fixture
def call(ada):
    factories.version(factories.model("m", owner=ada), owner=ada)
    return caller(ada)


def refused(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error_code"] == code
    return answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "fields", "said"),
    [
        ("POST", "registered-models/create", {}, "Missing value for required parameter 'name'"),
        (
            "POST",
            "registered-models/create",
            {"name": 5},
            "Invalid value 5 for parameter 'name'",
        ),
        ("POST", "registered-models/create", {"name": "a/b"}, "may not contain"),
        ("POST", "registered-models/create", {"name": ".."}, "path"),
        ("POST", "registered-models/create", {"name": "a" * 257}, "at most 256"),
        ("POST", "registered-models/create", {"name": "a\x00"}, "NUL"),
        ("POST", "registered-models/create", {"name": "a\ud800"}, "broken"),
        ("POST", "registered-models/create", {"name": "x", "description": "d" * 5001}, "5,000"),
        ("POST", "registered-models/create", {"name": "x", "tags": {"a": 1}}, "Invalid value"),
        ("POST", "registered-models/create", {"name": "x", "tags": [{"value": "1"}]}, "'key'"),
        (
            "POST",
            "registered-models/rename",
            {"name": "m", "newName": "a", "new_name": "b"},
            "two",
        ),
        ("GET", "model-versions/get", {"name": "m", "version": "one"}, "must be an integer"),
        ("POST", "model-versions/create", {"name": "m"}, "'source'"),
        (
            "POST",
            "model-versions/create",
            {"name": "m", "source": "/etc/passwd"},
            "local paths",
        ),
        (
            "POST",
            "model-versions/create",
            {"name": "m", "source": "s3://b/%252e%252e/x"},
            "path",
        ),
        (
            "POST",
            "model-versions/create",
            {"name": "m", "source": "https://u:p@h/x"},
            "user name",
        ),
        ("POST", "model-versions/create", {"name": "m", "source": "https://h/x#y"}, "fragment"),
        (
            "POST",
            "model-versions/create",
            {"name": "m", "source": "runs:/a/x", "run_id": "b"},
            "not b",
        ),
        ("POST", "registered-models/alias", {"name": "m", "alias": "v1", "version": "1"}, "v1"),
        (
            "POST",
            "registered-models/alias",
            {"name": "m", "alias": "a b", "version": "1"},
            "letters",
        ),
        (
            "POST",
            "registered-models/alias",
            {"name": "m", "alias": "a", "version": 1},
            "type 'int'",
        ),
        (
            "POST",
            "model-versions/transition-stage",
            {"name": "m", "version": "1", "stage": "Live"},
            "A stage is one of",
        ),
        (
            "POST",
            "model-versions/transition-stage",
            {"name": "m", "version": "1", "stage": "None", "archive_existing_versions": True},
            "archived only",
        ),
        ("POST", "model-versions/set-tag", {"name": "m", "version": "1", "key": "a\n"}, "key"),
        (
            "POST",
            "model-versions/set-tag",
            {"name": "m", "version": "1", "key": "a", "value": "v" * 100_001},
            "100,000",
        ),
        ("GET", "registered-models/search", {"max_results": "1001"}, "at most 1000"),
        ("GET", "registered-models/search", {"max_results": "0"}, "positive"),
        ("GET", "registered-models/search", {"max_results": "many"}, "max_results"),
        ("GET", "model-versions/search", {"max_results": "200001"}, "at most 200000"),
        (
            "GET",
            "registered-models/alias",
            {"name": "m", "alias": "none"},
            "alias none not found",
        ),
        (
            "POST",
            "registered-models/get-latest-versions",
            {"name": "m", "stages": ["x"]},
            "stage",
        ),
    ],
)
def test_unusable_field_is_named(call, method, path, fields, said):
    message = refused(call(method, path, **fields), 400, "INVALID_PARAMETER_VALUE")
    assert said in message


def test_missing_things_are_404_in_the_words_clients_match(call):
    answer = call("GET", "registered-models/get", name="x")
    message = refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    assert message == "Registered Model with name=x not found"
    answer = call("GET", "model-versions/get", name="m", version="7")
    message = refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    assert message == "Model Version (name=m, version=7) not found"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b"1"])
def test_body_that_is_no_json_object_is_refused(call, body):
    answer = call.client.post(
        f"{API}registered-models/create", body, content_type="application/json"
    )
    refused(answer, 400, "BAD_REQUEST")


def test_other_content_types_are_refused(call):
    answer = call.client.post(f"{API}registered-models/create", {"name": "x"})
    assert "application/json" in refused(answer, 400, "BAD_REQUEST")


def test_oversized_body_is_refused(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = call("POST", "registered-models/create", name="x", description="d" * 2_000)
    assert "longer" in refused(answer, 400, "BAD_REQUEST")


def test_other_method_is_refused(call):
    answer = call("POST", "registered-models/get", name="m")
    assert "POST is not known here" in refused(answer, 405, "ENDPOINT_NOT_FOUND")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize("path", ["runs/create", "experiments/get-by-name", "traces", ""])
def test_tracking_call_that_strays_here_is_told_where_to_go(client, path):
    answer = client.post(f"{API}{path}", "{}", content_type="application/json")
    assert "MLFLOW_TRACKING_URI" in refused(answer, 404, "ENDPOINT_NOT_FOUND")


def test_nothing_redirects(call):
    assert call("GET", "registered-models/get/", name="m").status_code == 404
    assert call("GET", "registered-models/get", name="m").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer junk",
        "Bearer " + "a" * 64,
        "Basic junk",
        "Token x",
        "Basic " + "YTpi",
    ],
)
def test_without_a_valid_token_nothing_is_told(header):
    answer = Client(headers={"authorization": header}).get(f"{API}registered-models/search")
    assert "MLFLOW_TRACKING_TOKEN" in refused(answer, 401, "UNAUTHENTICATED")


def test_database_that_is_away_is_said_so(call, monkeypatch):
    def away(*_):
        raise OperationalError("gone")

    monkeypatch.setattr("governance.api.mlflow.endpoint.caller_of", away)
    refused(call("GET", "registered-models/search"), 503, "TEMPORARILY_UNAVAILABLE")


def test_our_own_mistake_is_told_in_their_shape(call, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("governance.api.mlflow.endpoint.caller_of", broken)
    call.client.raise_request_exception = False
    refused(call("GET", "registered-models/search"), 500, "INTERNAL_ERROR")


ENDPOINTS = [
    (method, str(pattern.pattern))
    for pattern in urls.urlpatterns
    for method in getattr(pattern.callback, "handlers", {})
    if "<" not in str(pattern.pattern)
]
NAMES = [
    "name", "new_name", "version", "alias", "key", "value", "description", "source", "run_id",
    "model_id", "run_link", "tags", "stage", "stages", "archive_existing_versions", "filter",
    "max_results", "order_by", "page_token", "url", "events", "secret", "status",
]  # fmt: skip
sensible = st.sampled_from(
    [
        "m",
        "1",
        "champion",
        "Production",
        "s3://b/m",
        "models:/m/1",
        "name = 'm'",
        "name DESC",
        True,
    ]
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | sensible,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=4,
)
bodies = st.dictionaries(st.sampled_from(NAMES), sensible | anything, max_size=8)


def in_query(fields):
    """The fields as pairs of text, lists repeated."""
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_no_body_breaks_the_server(call, method, path):
    @hypothesis_settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(bodies)
    def send(fields):
        if method == "GET":
            answer = call.client.get(
                f"/api/{path}?{urlencode(list(in_query(fields)), errors='replace')}"
            )
        else:
            answer = call.client.generic(
                method, f"/api/{path}", json.dumps(fields), content_type="application/json"
            )
        assert answer.status_code < 500, answer.content
        if answer.status_code != 200:
            assert answer.json()["error_code"] in STATUS
            assert answer.json()["message"]

    send()
