"""Slack and Teams: told by apprise to open hosts only, retried, and with the address kept to ourselves."""

import json
import logging
from datetime import time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotFound
from governance.notifications import services as notifications
from governance.notifications.chat import sending, services
from governance.notifications.models import Channel, Message, Notification
from tests.accounts.factories import person
from tests.notifications.chats import SECRET_OF_SLACK, SLACK, TEAMS, TEAMS_HOST, chat_at
from tests.notifications.factories import choose, tell
from tests.outbound.receivers import Reply, receiver

pytestmark = pytest.mark.django_db
EVERYTHING = ["to_sign", "advice", "duties", "told", "system"]


@pytest.fixture
def slack(monkeypatch, tmp_path, settings):
    with chat_at("hooks.slack.com", monkeypatch, tmp_path, settings) as there:
        yield there


@pytest.fixture
def open_chat(settings):
    settings.CHAT_SCHEMES, settings.CHAT_HOSTS = ["slack", "workflows"], ["hooks.slack.com"]


def channel(owner=None, **more) -> Channel:
    told = {"name": "risk", "scheme": "slack", "address": SLACK, "groups": EVERYTHING}
    return services.add(actor=owner or person("ada"), **{**told, **more})


def said(there) -> list[dict]:
    return [json.loads(one.body)["attachments"][0] for one in there.received]


def pass_time(**delta):
    """Lets so much time pass for everything that waits."""
    for row in Message.objects.waiting():
        for name in ("next_try_at", "first_tried_at"):
            if moment := getattr(row, name):
                setattr(row, name, moment - timedelta(**delta))
        row.save()


def test_a_person_is_told_in_slack_what_the_mail_says_in_few_lines(slack):
    channel()
    tell(
        person("ada"),
        kind="approval_requested",
        title="To sign: credit-scoring v3",
        due=timezone.now() + timedelta(days=2),
        context={"reasons": ["four fifths: 0.62 under 0.80"]},
    )
    assert sending.send_waiting() == 1
    assert sending.send_waiting() == 0

    [got] = slack.received
    [one] = said(slack)
    assert got.path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
    assert got.headers["Host"].startswith("hooks.slack.com")
    assert one["title"] == "To sign: credit-scoring v3"
    for part in (
        "AUC 0.79 on 400 rows.",
        "four fifths: 0.62 under 0.80",
        "\nBy ",
        "/approvals/7/",
    ):
        assert part in one["text"]
    assert "/links/" not in one["text"]
    assert Message.objects.get().state == "sent"


def test_teams_is_told_by_a_card(monkeypatch, tmp_path, settings):
    with chat_at(TEAMS_HOST, monkeypatch, tmp_path, settings) as there:
        there.replies = [Reply(202)]
        channel(scheme="workflows", address=TEAMS)
        tell(person("ada"))
        assert sending.send_waiting() == 1

    [got] = there.received
    assert got.path.startswith("/workflows/0ab1c2/triggers/manual/paths/invoke?")
    assert "sig=geheimeSignatur" in got.path
    card = json.loads(got.body)["attachments"][0]["content"]
    texts = [one.get("text", "") for one in card["body"]]
    assert "Approved: credit-scoring v3" in texts
    assert not [one for one in card["body"] if one["type"] == "Image"]


def test_words_of_people_call_nobody(slack):
    channel()
    tell(
        person("ada"),
        title="<!channel> now",
        context={"evidence": "<!here|x> <@U1> <at>a</at>"},
    )
    sending.send_waiting()

    told = slack.received[0].body.decode()
    assert "<!" not in told and "<@" not in told and "<at>" not in told
    assert "now" in told


def test_a_channel_hears_only_what_was_chosen_for_it(slack):
    channel(groups=["to_sign"])
    tell(person("ada"), kind="request_closed")
    tell(person("ada"), kind="approval_requested")

    assert Message.objects.get().notification.kind == "approval_requested"


def test_the_channel_of_a_group_is_told_once_of_what_many_are_told(slack):
    from django.contrib.auth.models import Group

    people, _ = Group.objects.get_or_create(name="risk")
    rui, ray, ada = person("rui"), person("ray"), person("ada")
    people.user_set.add(rui, ray)
    channel(person("root", "administrator"), people=people)
    tell(ada)
    assert Message.objects.count() == 0
    tell(ada, rui, ray)
    assert sending.send_waiting() == 1
    assert len(slack.received) == 1


def test_only_an_administrator_adds_one_for_a_group(open_chat):
    from django.contrib.auth.models import Group

    people, _ = Group.objects.get_or_create(name="risk")
    with pytest.raises(NotFound):
        channel(people=people)


def test_while_the_chat_is_down_for_a_day_nothing_is_lost(slack):
    channel()
    slack.replies = [Reply(503)]
    tell(person("ada"), title="One")
    tell(person("ada"), title="Two")
    for _hour in range(24):
        assert sending.send_waiting() == 0
        pass_time(hours=1)
    calls = len(slack.received)
    assert 20 <= calls <= 48
    assert services.troubled(person("ada")).count() >= 1
    slack.replies = [Reply(200, b"ok")]
    pass_time(hours=1)

    assert sending.send_waiting() == 2
    assert {one["title"] for one in said(slack)[calls:]} == {"One", "Two"}
    assert set(Message.objects.values_list("state", "last_error")) == {("sent", "")}


def test_what_is_refused_for_good_is_failed_with_the_reason_and_sent_again_by_hand(slack):
    channel()
    slack.replies = [Reply(404, b"no_service")]
    tell(person("ada"))
    sending.send_waiting()

    message = Message.objects.get()
    assert (message.state, message.attempts) == ("failed", 1)
    assert message.last_error == "The chat answered with status 404."
    with pytest.raises(NotFound):
        services.send_again(message, actor=person("cy"))
    slack.replies = [Reply(200, b"ok")]
    services.send_again(message, actor=person("ada"))
    assert sending.send_waiting() == 1
    with pytest.raises(Conflict):
        services.send_again(Message.objects.get(), actor=person("ada"))


def test_five_days_of_trouble_end_in_failure(slack):
    channel()
    slack.replies = [Reply(500)]
    tell(person("ada"))
    sending.send_waiting()
    pass_time(days=5)
    sending.send_waiting()

    assert Message.objects.get().state == "failed"


def test_a_redirect_is_not_followed(slack):
    channel()
    with receiver() as elsewhere:
        slack.replies = [Reply(302, b"", {"Location": elsewhere.url})]
        tell(person("ada"))
        sending.send_waiting()

    assert elsewhere.received == []
    assert Message.objects.get().state == "failed"
    assert set(slack.asked) == {"hooks.slack.com"}


def test_a_host_that_was_closed_since_is_not_called(slack, settings):
    channel()
    tell(person("ada"))
    settings.CHAT_HOSTS = ["hooks.example.com"]
    sending.send_waiting()

    assert slack.received == []
    assert "has not opened hooks.slack.com" in Message.objects.get().last_error


def test_a_host_below_an_open_name_must_be_public(monkeypatch, tmp_path, settings):
    with chat_at(TEAMS_HOST, monkeypatch, tmp_path, settings) as there:
        settings.CHAT_HOSTS = [".logic.azure.com"]
        channel(scheme="workflows", address=TEAMS)
        tell(person("ada"))
        sending.send_waiting()

    assert there.received == []
    assert "not on the public internet" in Message.objects.get().last_error


def test_nothing_is_told_of_what_was_rolled_back(slack):
    channel()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(person("ada"))
        assert Message.objects.count() == 1
        raise ZeroDivisionError
    assert sending.send_waiting() == 0


def test_what_is_done_meanwhile_is_not_sent(slack):
    channel()
    ada = person("ada")
    tell(ada, kind="approval_requested")
    notifications.settle(ada)
    assert sending.send_waiting() == 0
    assert Message.objects.get().state == "none"


def test_quiet_hours_hold_for_a_person_s_chat(slack):
    channel()
    now = timezone.now().astimezone(person("ada").zone)
    choose(
        "ada",
        digest_hour=(now.hour + 12) % 24,
        quiet_from=time((now.hour - 1) % 24),
        quiet_until=time((now.hour + 2) % 24),
    )
    tell(person("ada"))
    assert sending.send_waiting() == 0
    row = Message.objects.get()
    assert row.state == "waiting" and row.next_try_at > timezone.now()


def test_mail_and_chat_go_their_own_ways(slack):
    channel(groups=["told"])
    choose("ada", deliveries={"told": "never"})
    tell(person("ada"))
    notifications.send_waiting()
    assert sending.send_waiting() == 1
    assert Notification.objects.get().mail_state == "none"


def test_a_removed_channel_is_told_nothing_and_its_address_forgotten(slack):
    made = channel()
    tell(person("ada"))
    services.remove(made, actor=person("ada"))
    assert sending.send_waiting() == 0
    made.refresh_from_db()
    assert made.sealed_address == "" and slack.received == []
    with pytest.raises(NotFound):
        services.remove(made, actor=person("ada"))


def test_the_address_stands_nowhere(slack, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    channel()
    slack.replies = [Reply(500), Reply(404)]
    tell(person("ada"))
    sending.send_waiting()
    pass_time(hours=1)
    sending.send_waiting()

    rows = str(list(Channel.objects.values())) + str(list(Message.objects.values()))
    trail = str(list(Entry.objects.values()))
    printed = capsys.readouterr()
    for text in (rows, trail, caplog.text, printed.out, printed.err):
        assert SECRET_OF_SLACK not in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "https://hooks.example.com/services/T1/B1/X1"}, "address"),
        ({"address": "https://hooks.slack.com.example.com/services/T1/B1/X1"}, "address"),
        ({"address": "https://hooks.slack.com/else/T1/B1/X1"}, "address"),
        ({"address": f"{SLACK}?template=file:///etc/passwd"}, "address"),
        ({"address": f"{SLACK}?mode=bot"}, "address"),
        ({"address": "http://hooks.slack.com/services/T1/B1/X1"}, "address"),
        ({"address": "file:///etc/passwd"}, "address"),
        ({"address": "slack://T1/B1/X1"}, "address"),
        ({"address": "https://u:p@hooks.slack.com/services/T1/B1/X1"}, "address"),
        ({"address": f"{SLACK}\n"}, "address"),
        ({"address": ""}, "address"),
        ({"address": "https://hooks.slack.com/services/" + "T" * 3000}, "address"),
        ({"scheme": "exec"}, "scheme"),
        ({"scheme": "json"}, "scheme"),
        ({"scheme": "workflows"}, "address"),
        ({"groups": []}, "groups"),
        ({"groups": ["gossip"]}, "groups"),
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "a" * 61}, "name"),
    ],
)
def test_what_is_not_open_is_refused_with_the_field(open_chat, changes, field):
    with pytest.raises(Invalid) as refusal:
        channel(**changes)
    assert refusal.value.field == field
    assert Channel.objects.count() == 0


def test_off_until_the_operator_opens_it(settings):
    assert (settings.CHAT_SCHEMES, settings.CHAT_HOSTS) == ([], [])
    with pytest.raises(Invalid, match="not switched on"):
        channel()
    tell(person("ada"))
    assert Message.objects.count() == 0


def test_two_workers_tell_it_once(slack):
    channel()
    tell(person("ada"))
    row = Message.objects.get()
    assert sending._take(row)
    assert not sending._take(row)
    assert sending.send_waiting() == 0
