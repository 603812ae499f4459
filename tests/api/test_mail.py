"""How the caller wants mail, and how far it has come, over REST."""

import pytest

from governance.accounts.models import User
from governance.notifications.models import MailState, Notification
from tests.accounts.factories import person
from tests.api.clients import V1, bearing
from tests.notifications.factories import tell

pytestmark = pytest.mark.django_db
DOOR = f"{V1}me/mail/"


@pytest.fixture
def ada():
    return bearing(person("ada"), "read", "govern")


def test_who_has_chosen_nothing_gets_everything_at_once(ada):
    assert ada.get(DOOR).json() == {
        "deliveries": dict.fromkeys(
            ["to_sign", "advice", "duties", "told", "system"], "at_once"
        ),
        "digest_hour": 8,
        "quiet_from": None,
        "quiet_until": None,
        "time_zone": "",
    }


def test_what_is_named_changes_and_the_rest_stays(ada):
    ada.patch(DOOR, {"deliveries": {"told": "never"}, "time_zone": "Europe/Zurich"})

    answer = ada.patch(DOOR, {"quiet_from": "21:00", "quiet_until": "06:00:00"})

    assert answer.status_code == 200
    kept = ada.get(DOOR).json()
    assert kept == answer.json()
    assert (kept["deliveries"]["told"], kept["deliveries"]["to_sign"]) == ("never", "at_once")
    assert (kept["quiet_from"], kept["quiet_until"]) == ("21:00:00", "06:00:00")
    assert kept["time_zone"] == "Europe/Zurich"


def test_quiet_hours_are_given_up_with_null(ada):
    ada.patch(DOOR, {"quiet_from": "21:00", "quiet_until": "06:00"})

    kept = ada.patch(DOOR, {"quiet_from": None, "quiet_until": None}).json()

    assert kept["quiet_from"] is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"deliveries": {"to_sign": "never"}}, "never"),
        ({"deliveries": {"gossip": "never"}}, "Groups are to_sign"),
        ({"deliveries": []}, "dictionary"),
        ({"digest_hour": 24}, "23"),
        ({"digest_hour": "noon"}, "integer"),
        ({"quiet_from": "21:00"}, "a beginning and an end"),
        ({"quiet_from": "late"}, "Time has wrong format"),
        ({"time_zone": "Mars/Olympus"}, "Europe/Zurich"),
        ({"time_zone": "\u0000"}, "Null characters"),
    ],
)
def test_what_cannot_be_wanted_is_refused_with_a_sentence(ada, body, words):
    answer = ada.patch(DOOR, body)

    assert answer.status_code in (400, 422)
    assert words in answer.content.decode()
    assert ada.get(DOOR).json()["digest_hour"] == 8


def failing(user):
    [row] = tell(user)
    Notification.objects.filter(pk=row.pk).update(
        mail_state=MailState.FAILED, attempts=1, last_error="550 no such user"
    )
    return row


def test_people_read_what_they_were_told_and_how_far_its_mail_has_come(ada):
    row = failing(person("ada"))
    failing(person("bo"))

    [told] = ada.get(f"{V1}notifications/?mail_state=failed").json()["results"]

    assert (told["id"], told["user"], told["group"]) == (row.pk, "ada", "told")
    assert (told["mail_state"], told["last_error"]) == ("failed", "550 no such user")
    assert ada.get(f"{V1}notifications/?mail_state=sent").json()["results"] == []


def test_what_failed_is_sent_again(ada):
    row = failing(person("ada"))

    answer = ada.post(f"{V1}notifications/{row.pk}/sendings/")

    assert answer.status_code == 201
    assert answer.json()["mail_state"] == "waiting"
    again = ada.post(f"{V1}notifications/{row.pk}/sendings/")
    assert again.status_code == 409
    assert "Only mail that failed" in again.json()["detail"]


def test_administrators_read_of_others_only_what_has_trouble():
    root = bearing(person("root", "administrator"), "read", "govern")
    failed = failing(person("ada"))
    tell(person("ada"))

    found = root.get(f"{V1}notifications/").json()["results"]

    assert [one["id"] for one in found] == [failed.pk]


def test_an_administrator_sends_the_mail_of_another_again():
    root = bearing(person("root", "administrator"), "read", "govern")
    row = failing(person("ada"))

    answer = root.post(f"{V1}notifications/{row.pk}/sendings/")

    assert (answer.status_code, answer.json()["user"]) == (201, "ada")


def test_one_takes_note_of_what_one_was_told_and_of_nobody_else_s(ada):
    tell(person("bo"))
    [own] = tell(User.objects.get(username="ada"))
    keys = list(Notification.objects.values_list("pk", flat=True))
    door = f"{V1}notifications/acknowledgements/"

    first = ada.post(door, {"notifications": keys})
    again = ada.post(door, {"notifications": keys})
    none = ada.post(door, {"notifications": []})

    assert (first.json(), again.json()) == ({"acknowledged": 1}, {"acknowledged": 0})
    assert none.status_code in (400, 422)
    assert ada.get(f"{V1}notifications/{own.pk}/").json()["read_at"]
    assert Notification.objects.get(user__username="bo").read_at is None
