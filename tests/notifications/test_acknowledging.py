"""Taking note of what one was told: of one's own, on record where a letter brought it."""

import pytest

from governance.audit.models import Entry
from governance.dashboards.my_work import my_work
from governance.errors import Invalid
from governance.notifications.acknowledging import MOST, acknowledge, unread
from governance.notifications.addressing import Addressee
from governance.notifications.models import Notification
from governance.notifications.services import settle, tell
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db

RECORDED = "notifications.acknowledged"


def told(username, kind="request_closed", letter="", title="Approved"):
    user = person(username)
    one = Addressee(user, letter, "Informed for the release") if letter else user
    [row] = tell([one], kind, subject=user, title=title, line="It went on.", url="/portfolio/")
    return row


def titles(username):
    return [row.title for row in unread(person(username))]


def test_what_is_taken_note_of_leaves_the_list_and_nothing_else_does():
    first, second = told("ada", title="First"), told("ada", title="Second")

    assert acknowledge([first.pk], actor=person("ada")) == 1

    assert titles("ada") == ["Second"]
    assert [one.title for one in my_work(person("ada")).told] == ["Second"]
    assert Notification.objects.get(pk=second.pk).read_at is None


def test_being_informed_by_a_letter_is_acknowledged_on_record_once():
    rows = [told("ada", letter="I", title="One"), told("ada", letter="I", title="Two")]
    keys = [row.pk for row in rows]

    acknowledge(keys, actor=person("ada"))
    acknowledge(keys, actor=person("ada"))

    [entry] = Entry.objects.filter(event=RECORDED)
    assert entry.actor_name == "Ada"
    assert [one["title"] for one in entry.data["told"]] == ["One", "Two"]
    assert entry.data["told"][0]["capacity"] == "Informed for the release"


def test_news_without_a_letter_leaves_no_trace_in_the_trail():
    acknowledge([told("ada").pk], actor=person("ada"))

    assert not Entry.objects.filter(event=RECORDED).exists()


def test_nobody_takes_note_for_others():
    row = told("ada")

    assert acknowledge([row.pk], actor=person("bo")) == 0
    assert titles("ada") == ["Approved"]


def test_what_asks_for_an_act_cannot_be_read_away_until_it_is_over():
    row = told("ada", kind="approval_requested", title="To sign")

    assert acknowledge([row.pk], actor=person("ada")) == 0
    assert titles("ada") == []

    settle(person("ada"))

    assert titles("ada") == ["To sign"]
    assert acknowledge([row.pk], actor=person("ada")) == 1


@pytest.mark.parametrize("keys", [[], range(MOST + 1)])
def test_nothing_and_too_much_are_refused(keys):
    with pytest.raises(Invalid):
        acknowledge(keys, actor=person("ada"))


def test_the_page_ticks_some_or_takes_all_that_it_showed(client):
    rows = [told("ada", title=name) for name in ("One", "Two", "Three")]
    client.force_login(person("ada"))
    shown = [row.pk for row in rows]

    client.post("/told/", {"told": [shown[0]], "shown": shown})
    assert titles("ada") == ["Three", "Two"]

    told("ada", title="Came meanwhile")
    client.force_login(person("ada"))
    client.post("/told/", {"all": "1", "shown": shown})
    assert titles("ada") == ["Came meanwhile"]


@pytest.mark.parametrize("form", [{}, {"told": "x"}, {"told": "9" * 30}, {"told": "²"}])
def test_what_cannot_be_a_key_ends_in_a_sentence(client, form):
    client.force_login(person("ada"))

    answer = client.post("/told/", form, follow=True)

    assert answer.status_code == 200
