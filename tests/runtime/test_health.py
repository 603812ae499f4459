"""What probes are told."""

import pytest
from django.db import OperationalError

from governance.runtime import health


def test_alive_asks_no_database(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_ready_names_every_check(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok"},
    }


def broken(*_args):
    raise OperationalError("password of postgres is secret")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["database", "migrations", "broker"])
def test_one_broken_check_makes_it_not_ready_and_tells_no_details(client, monkeypatch, name):
    monkeypatch.setitem(health.CHECKS, name, broken)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"][name] == "unreachable"
    assert "secret" not in answer.text


@pytest.mark.django_db
def test_waiting_migration_makes_it_not_ready(client):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="audit").last().delete()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "not applied" in answer.json()["checks"]["migrations"]


def test_broker_whose_folder_cannot_be_written_is_unreachable(monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)

    assert health._word(health.broker) == "unreachable"
