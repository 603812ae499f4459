import pytest
from django.db import DatabaseError, connection, transaction

from governance.audit import services
from governance.audit.events import Event
from governance.audit.models import Entry
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


def entry():
    ada = person("ada")
    return services.record(Event.USER_CREATED, ada, actor=ada)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_name = 'nobody'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement):
    entry()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Entry.objects.count() == 1


def test_names_are_copied_so_that_they_outlive_their_owners():
    written = entry()
    person("ada").__class__.objects.update(first_name="Renamed")

    assert Entry.objects.get(pk=written.pk).actor_name == "Ada"


def test_an_act_of_the_system_says_so():
    written = services.record(Event.USER_CREATED, person("ada"), actor=None)

    assert written.actor_name == "Imprimatur"


def test_a_refusal_keeps_its_reasons():
    ada = person("ada")

    services.record_refusal(Event.VOTED, ada, actor=ada, reasons=["You asked for it."])

    refusal = Entry.objects.get(refused=True)
    assert refusal.data["reasons"] == ["You asked for it."]


def test_an_unknown_event_name_is_an_error():
    with pytest.raises(ValueError, match="coffee"):
        services.record("coffee.made", person("ada"), actor=None)


def test_an_auditor_reads_everything_and_others_their_own_acts():
    ada, cy, vi = person("ada"), person("cy"), person("vi", "auditor")
    services.record(Event.USER_CREATED, cy, actor=ada)

    assert Entry.objects.visible_to(vi).count() == 1
    assert Entry.objects.visible_to(ada).count() == 1
    assert not Entry.objects.visible_to(cy).exists()


def test_a_failed_sign_in_is_written_down(client):
    person("ada")

    client.post("/account/login/", {"login": "ada", "password": "wrong"})

    assert Entry.objects.get(event="accounts.sign_in_failed").refused
