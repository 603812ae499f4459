"""Who gets through which door of the facade, and how many questions the database is asked."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import assign_perm

from governance.accounts.models import User
from registry import services
from registry.models import RegisteredModel
from tests.accounts.factories import person
from tests.api.clients import undone
from tests.mlflow.calls import caller
from tests.mlflow.doors import DOORS, WITH_ID, known
from tests.registry import factories

pytestmark = pytest.mark.django_db
MOST_QUERIES = 16


@pytest.fixture(autouse=True)
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN


@pytest.fixture
def ada():
    ada = person("ada")
    version = factories.version(factories.model("m", owner=ada), owner=ada)
    services.set_alias(version.model, "a", version, actor=ada)
    return ada


@pytest.fixture
def reader(ada):
    bo = person("bo")
    assign_perm("registry.view_registeredmodel", bo, ada_model())
    return bo


def ada_model():
    return RegisteredModel.objects.get(name="m")


def test_every_door_is_in_the_table():
    assert {(method, path) for method, path, _, _ in DOORS} | WITH_ID == known()


@pytest.mark.parametrize(("method", "path", "fields", "statuses"), DOORS)
def test_door_lets_through_who_may(ada, reader, method, path, fields, statuses):
    callers = [
        nobody,
        caller(ada, "read"),
        caller(person("cy"), "read", "register"),
        caller(reader, "read", "register"),
        caller(ada, "read", "register"),
    ]
    found = []
    for call in callers:
        answer = call(method, path, **fields)
        found.append(answer.status_code)
        if path == "registered-models/create" and answer.status_code == 200:
            answer = caller(person_of(answer))("DELETE", "registered-models/delete", name="new")
            assert answer.status_code == 200
    assert " ".join(map(str, found)) == statuses


def person_of(answer):
    return User.objects.get(username=answer.json()["registered_model"]["user_id"])


def nobody(method, path, **fields):
    return Client().generic(method, f"/api/2.0/mlflow/{path}", content_type="application/json")


# Deleting a model asks the gate about each pointer that goes with it.
COUNTED = [door for door in DOORS if door[1] != "registered-models/delete"]


@pytest.mark.parametrize(("method", "path", "fields", "statuses"), COUNTED)
def test_door_asks_as_often_for_many_rows_as_for_few(ada, method, path, fields, statuses):
    call = caller(ada)
    few = queries_of(call, method, path, fields)
    model = ada_model()
    for number in range(5):
        version = factories.version(model, owner=ada, tags={f"k{n}": "v" for n in range(3)})
        services.set_alias(model, f"alias-{number}", version, actor=ada)
        services.set_tag(model, f"k{number}", "v", actor=ada)
        factories.version(factories.model(f"other-{number}", owner=ada), owner=ada)
    assert queries_of(call, method, path, fields) == few <= MOST_QUERIES


def queries_of(call, method, path, fields):
    with undone(), CaptureQueriesContext(connection) as captured:
        answer = call(method, path, **fields)
        assert answer.status_code == 200, answer.content
    return len([one for one in captured if "SAVEPOINT" not in one["sql"]])
