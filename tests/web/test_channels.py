"""Chat channels in the browser: added, removed, and never shown with their address."""

import pytest

from governance.notifications.models import Channel, Message, Notification
from tests.accounts.factories import person
from tests.notifications.chats import SECRET_OF_SLACK, SLACK, chat_channel
from tests.notifications.factories import tell

pytestmark = pytest.mark.django_db
FORM = {"name": "risk", "scheme": "slack", "address": SLACK, "groups": ["to_sign", "told"]}


@pytest.fixture(autouse=True)
def open_chat(settings):
    settings.CHAT_SCHEMES, settings.CHAT_HOSTS = ["slack"], ["hooks.slack.com"]


@pytest.fixture
def ada(client):
    user = person("ada")
    client.force_login(user)
    return user


def test_a_channel_is_added_and_its_address_never_shown(client, ada):
    answer = client.post("/channels/", FORM, follow=True)

    made = Channel.objects.get()
    page = answer.content.decode()
    assert (made.user, made.address, made.groups) == (ada, SLACK, ["to_sign", "told"])
    assert "risk is told from now on." in page and "at hooks.slack.com" in page
    assert SECRET_OF_SLACK not in page


def test_what_is_wrong_stands_at_its_field_and_the_address_does_not_come_back(client, ada):
    elsewhere = {**FORM, "address": f"https://hooks.example.com/services/{SECRET_OF_SLACK}"}
    answer = client.post("/channels/", elsewhere)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "has not opened hooks.example.com" in page
    assert SECRET_OF_SLACK not in page


def test_only_an_administrator_is_asked_for_whom(client, ada):
    assert 'name="people"' not in client.get("/channels/").content.decode()
    client.force_login(person("root", "administrator"))
    assert 'name="people"' in client.get("/channels/").content.decode()


def test_what_did_not_arrive_is_shown_and_sent_again(client, ada):
    tell(ada)
    message = Message.objects.create(
        channel=chat_channel(ada),
        notification=Notification.objects.get(),
        state="failed",
        last_error="The chat answered with status 404.",
    )
    page = client.get("/channels/").content.decode()
    assert "The chat answered with status 404." in page
    client.post(f"/channels/messages/{message.pk}/again/")

    message.refresh_from_db()
    assert (message.state, message.last_error) == ("waiting", "")


def test_the_page_says_how_chat_is_switched_on(client, ada, settings):
    settings.CHAT_HOSTS = []
    page = client.get("/channels/").content.decode()

    assert "CHAT_SCHEMES" in page and 'name="address"' not in page
