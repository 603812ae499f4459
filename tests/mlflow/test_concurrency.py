"""Many clients at one moment, each with a connection of its own."""

import pytest

from registry.models import AliasMove, ModelVersion
from tests.accounts.factories import person
from tests.mlflow.calls import caller
from tests.registry import factories
from tests.registry.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 32


@pytest.fixture(autouse=True)
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN


@pytest.fixture
def call():
    ada = person("ada")
    factories.model("m", owner=ada)
    return caller(ada)


def test_32_clients_get_consecutive_numbers(call):
    def register():
        return call("POST", "model-versions/create", name="m", source="s3://b/m").json()

    answers = at_once(*[register] * CLIENTS)

    numbers = sorted(int(answer["model_version"]["version"]) for answer in answers)
    assert numbers == list(range(1, CLIENTS + 1))
    assert ModelVersion.objects.count() == CLIENTS


def test_alias_moves_of_32_clients_are_one_after_another(call):
    for _ in range(4):
        call("POST", "model-versions/create", name="m", source="s3://b/m")

    def move(number):
        return lambda: call(
            "POST",
            "registered-models/alias",
            name="m",
            alias="live",
            version=str(number % 4 + 1),
        )

    answers = at_once(*[move(number) for number in range(CLIENTS)])

    assert {answer.status_code for answer in answers} == {200}
    moves = list(AliasMove.objects.order_by("id"))
    assert [move.from_version for move in moves] == [None, *(m.to_version for m in moves[:-1])]


def test_delete_and_move_do_not_cross(call):
    for _ in range(10):
        created = call("POST", "model-versions/create", name="m", source="s3://b/m").json()
        number = created["model_version"]["version"]
        moved, deleted = at_once(
            lambda n=number: call(
                "POST", "registered-models/alias", name="m", alias="live", version=n
            ),
            lambda n=number: call("DELETE", "model-versions/delete", name="m", version=n),
        )
        assert deleted.status_code == 200
        assert moved.status_code in (200, 404)
        pointed = call("GET", "registered-models/alias", name="m", alias="live")
        assert pointed.status_code == 400, "an alias points to a deleted version"
