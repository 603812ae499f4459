"""The OpenAPI document is complete, and the server does what it says to whatever it is sent."""

from io import StringIO

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, strategies
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.wsgi import application
from tests.accounts.factories import person
from tests.api import world
from tests.api.clients import bearing, undone

EXAMPLES_OF_EACH = 5
bounded = hypothesis_settings(
    max_examples=EXAMPLES_OF_EACH,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def test_the_schema_is_complete_and_valid():
    written = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)

    assert written.getvalue().startswith("openapi: 3.1.0")


def test_the_documentation_needs_no_inline_script(client, db):
    page = client.get("/api/docs/")

    html = page.content.decode()
    assert page.status_code == 200
    assert "<script>" not in html
    assert "<style" not in html
    assert client.get("/api/docs/?script=").headers["Content-Type"] == "application/javascript"


def test_every_operation_names_its_scope(client, db):
    document = client.get("/api/schema/?format=json").json()

    operations = [
        operation for path in document["paths"].values() for operation in path.values()
    ]
    assert all("Scope of the token: `" in one["description"] for one in operations)
    assert not [one for one in operations if "`none`" in one["description"]]


def known(ids, path):
    """Values with which the parameters of a path lead to something."""
    numbered = {
        "requirements": ids["requirement"],
        "holders": ids["holder"],
        "raci/teams": ids["team_holder"],
        "v1/teams": ids["team"],
        "deputies": ids["deputy"],
        "absences": ids["absence"],
        "evaluations": ids["evaluation"],
        "blessings": ids["blessing"],
        "backtests": ids["back_test"],
        "approvals": ids["approval"],
        "notifications": ids["failed_mail"],
        "channels": ids["channel"],
        "messages": ids["message"],
        "webhooks": ids["webhook"],
        "deliveries": ids["delivery"],
        "conditions": ids["reported"],
        "clearances": ids["clearance"],
        "jobs": ids["job"],
        "audit": ids["entry"],
    }
    [number] = [value for word, value in numbered.items() if f"{word}/{{id}}" in path] or [0]
    is_policy = path.startswith("/api/v1/policies/")
    return {
        "slug": "credit",
        "name": "draft" if is_policy else "credit-scoring",
        "number": 1,
        "username": "ada",
        "key": "bad_rate",
        "alias": "candidate",
        "id": str(number),
        "webhook": str(ids["webhook"]),
    }


def examine(operation, values, headers):
    """Sends a few made-up requests, half of them to what exists, and checks every answer."""

    @bounded
    @given(case=operation.as_strategy(), exists=strategies.booleans())
    def send(case, exists):
        if exists:
            case.path_parameters.update({name: values[name] for name in case.path_parameters})
        with undone():
            case.call_and_validate(headers=headers, checks=CHECKS)

    send()


@pytest.fixture
def connection_kept():
    """Keeps requests from closing the connection of the test, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("connection_kept")
def test_the_server_does_what_the_schema_says(tmp_path, settings, subtests):
    settings.EVALUATION_ROOTS = settings.INFRA_ROOTS = [str(tmp_path)]
    ids = world.build(tmp_path)
    headers = {"Authorization": bearing(person("root"))._credentials["HTTP_AUTHORIZATION"]}
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)

    for found in schema.get_all_operations():
        operation = found.ok()
        with subtests.test(f"{operation.method.upper()} {operation.path}"):
            examine(operation, known(ids, operation.path), headers)
