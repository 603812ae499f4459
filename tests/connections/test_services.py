"""Connections are for administrators, lead to public places, and never show their secret."""

import pytest
from django.db import connection as database

from governance.audit.models import Entry
from governance.connections import services
from governance.connections.models import Connection
from governance.errors import Conflict, Invalid, NotAllowed
from governance.jobs.models import Job
from tests.accounts.factories import person
from tests.connections.factories import administrator, connection, run

pytestmark = pytest.mark.django_db(transaction=True)
GIVEN = {"name": "lab", "url": "https://mlflow.example.com"}


def test_secret_is_sealed_and_told_to_nobody():
    one = connection(secret="hush-hush", username="ada")
    with database.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM connections_connection c")
        assert "hush-hush" not in cursor.fetchone()[0]
    assert Connection.objects.get(pk=one.pk).secret == "hush-hush"
    assert "hush-hush" not in str(list(Entry.objects.values()) + list(Job.objects.values()))


def test_only_administrators_make_change_and_start():
    one = connection(for_registry=True)
    ada = person("ada")
    for act in (
        lambda: services.create_connection(actor=ada, **GIVEN),
        lambda: services.update_connection(one, actor=ada, is_enabled=False),
        lambda: services.verify(one, actor=ada),
        lambda: services.start_sync(one, actor=ada),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not Connection.objects.visible_to(ada).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://mlflow.example.com"},
        {"url": "https://127.0.0.1:5000"},
        {"url": "https://ada:pw@mlflow.example.com"},
        {"url": "https://mlflow.example.com?x=1"},
        {"name": " "},
        {"secret": "a\nb"},
    ],
)
def test_unusable_connections_are_refused(changes):
    with pytest.raises(Invalid):
        services.create_connection(actor=administrator(), **GIVEN | changes)


def test_name_is_given_once():
    connection()
    with pytest.raises(Conflict) as refusal:
        connection()
    assert refusal.value.field == "name"


def test_server_that_cannot_be_reached_is_a_finding(settings):
    settings.CONNECTIONS_ALLOWED_HOSTS = ["127.0.0.1:9"]
    one = connection("http://127.0.0.1:9")
    run(services.VERIFY)
    one.refresh_from_db()
    assert one.problem == "127.0.0.1 takes no calls at port 9."


def test_comparison_is_under_way_once():
    one = connection(for_registry=True)
    first = services.start_sync(one, actor=administrator())
    assert services.start_sync(one, actor=administrator()) == first
    one = services.update_connection(one, actor=administrator(), is_enabled=False)
    with pytest.raises(Conflict):
        services.start_sync(one, actor=administrator())
