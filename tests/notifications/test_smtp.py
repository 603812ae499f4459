"""Mail over a real SMTP server: up, down, refusing for now, refusing for good."""

import socket
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from governance.audit.models import Entry
from governance.errors import Conflict, NotFound
from governance.notifications import services
from governance.notifications.models import MailState, Notification
from tests.accounts.factories import person
from tests.notifications.factories import choose, later, make_due, tell
from tests.notifications.mail_server import mail_server, use

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(settings):
    with mail_server() as server:
        use(settings, server.port)
        yield server


@pytest.fixture
def nobody_there(settings):
    """An address at which no server listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    use(settings, port)
    return port


def states():
    return dict(Notification.objects.values_list("user__username", "mail_state"))


def test_mails_arrive_over_one_connection_in_text_and_html(there):
    tell(person("ada"), person("bo"))

    assert services.send_waiting() == 2
    assert services.send_waiting() == 0

    assert [one["To"] for one in there.received] == [
        "Ada <ada@example.org>",
        "Bo <bo@example.org>",
    ]
    assert there.connections == 1
    letter = there.received[0]
    assert "AUC 0.79 on 400 rows." in letter.get_body(("plain",)).get_content()
    assert "AUC 0.79 on 400 rows." in letter.get_body(("html",)).get_content()


def test_nothing_leaves_for_a_transaction_that_was_rolled_back(there):
    ada = person("ada")
    with transaction.atomic():
        tell(ada)
        transaction.set_rollback(True)

    services.send_waiting()

    assert there.received == []


def test_a_server_that_is_away_for_a_day_loses_nothing_and_is_asked_rarely(
    settings, nobody_there
):
    tell(person("ada"))
    for _ in range(24 * 60):
        services.send_waiting()
        later(minutes=1)
    row = Notification.objects.get()

    assert row.mail_state == MailState.WAITING
    assert row.attempts < 35
    assert "ConnectionRefusedError" in row.last_error
    with mail_server(nobody_there) as there:
        later(hours=1)
        services.send_waiting()
        assert len(there.received) == 1
    row.refresh_from_db()
    assert (row.mail_state, row.last_error) == (MailState.SENT, "")


def test_while_the_server_is_away_only_one_letter_is_tried_at_a_time(nobody_there):
    tell(person("ada"), person("bo"), person("cy"))

    services.send_waiting()

    assert sorted(Notification.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_after_five_days_it_is_given_up_and_says_why(nobody_there):
    tell(person("ada"))
    services.send_waiting()
    later(days=5)
    services.send_waiting()

    row = Notification.objects.get()
    assert row.mail_state == MailState.FAILED
    assert "ConnectionRefusedError" in row.last_error


def test_a_refused_address_fails_at_once_and_keeps_nobody_waiting(there):
    there.refused["ada@"] = "550 5.1.1 no such user"
    tell(person("ada"), person("bo"))

    services.send_waiting()
    make_due()
    services.send_waiting()

    assert states() == {"ada": MailState.FAILED, "bo": MailState.SENT}
    row = Notification.objects.get(user__username="ada")
    assert row.last_error == "The address was refused: 550 5.1.1 no such user"
    assert row.attempts == 1


def test_an_address_refused_for_now_is_tried_again_after_a_while(there):
    there.refused["ada@"] = "452 4.2.2 mailbox full"
    tell(person("ada"))

    services.send_waiting()
    services.send_waiting()  # the wait is not over
    row = Notification.objects.get()
    assert (row.mail_state, row.attempts) == (MailState.WAITING, 1)
    assert row.next_try_at > timezone.now() + timedelta(seconds=50)
    there.refused.clear()
    later(minutes=2)
    services.send_waiting()

    assert len(there.received) == 1


def test_a_letter_refused_for_what_it_says_fails(there):
    there.after_data = "554 5.7.1 looks like spam"
    tell(person("ada"))

    services.send_waiting()

    assert states() == {"ada": MailState.FAILED}


def test_a_server_without_service_fails_no_letter(there):
    there.greeting = "554 no service here"
    tell(person("ada"), person("bo"))

    services.send_waiting()

    assert set(states().values()) == {MailState.WAITING}


def test_a_letter_that_cannot_be_written_does_not_block_the_others(there):
    tell(person("ada"), kind="no_such_kind")
    tell(person("bo"), title="Two\nlines, and a “name”")

    services.send_waiting()

    assert states() == {"ada": MailState.FAILED, "bo": MailState.SENT}
    assert there.received[0]["Subject"] == "Two lines, and a “name”"


def test_a_worker_that_was_killed_while_sending_is_followed_by_another(there):
    tell(person("ada"))
    Notification.objects.update(attempts=1, next_try_at=timezone.now() + timedelta(minutes=9))
    services.send_waiting()
    assert there.received == []

    later(minutes=10)
    services.send_waiting()

    assert len(there.received) == 1


def test_what_is_sent_twice_can_be_recognised(there):
    tell(person("ada"))
    services.send_waiting()
    Notification.objects.update(mail_state=MailState.WAITING)
    services.send_waiting()

    first, second = there.received
    assert first["Message-ID"] == second["Message-ID"]


def test_a_name_with_a_comma_is_still_one_address(there):
    ada = person("ada")
    ada.first_name, ada.last_name = "Ada, née Byron", 'of "Lovelace"'
    ada.save()
    tell(ada)

    services.send_waiting()

    [address] = there.received[0]["To"].addresses
    assert address.addr_spec == "ada@example.org"
    assert address.display_name == 'Ada, née Byron of "Lovelace"'


def test_a_digest_waits_for_the_server_as_a_letter_does(settings, nobody_there):
    ada = choose("ada", deliveries={"told": "digest"})
    tell(ada)
    tell(ada)
    services.send_waiting()
    later(days=1)
    assert services.send_digests() == 0

    with mail_server(nobody_there) as there:
        later(hours=1)
        assert services.send_digests() == 1
        assert len(there.received) == 1


def test_what_failed_is_sent_again_by_its_reader(there):
    there.refused["ada@"] = "550 no such user"
    ada = person("ada")
    [row] = tell(ada)
    services.send_waiting()
    there.refused.clear()

    services.send_again(row, actor=ada)
    services.send_waiting()

    assert len(there.received) == 1
    entry = Entry.objects.get(event="notifications.resent")
    assert entry.data["reason"] == "The address was refused: 550 no such user"


def test_what_was_sent_is_not_sent_again_and_nobody_resends_for_another(there):
    [row] = tell(person("ada"))
    services.send_waiting()

    with pytest.raises(Conflict, match="Only mail that failed"):
        services.send_again(row, actor=person("root", "administrator"))
    with pytest.raises(NotFound):
        services.send_again(row, actor=person("cy"))
