"""What a mail server's answers mean: no database, no server."""

import smtplib
from datetime import timedelta

import pytest
from django.core.mail import BadHeaderError
from django.utils import timezone

from governance.notifications.failures import failure_of, is_given_up, next_wait

REFUSED = smtplib.SMTPRecipientsRefused


@pytest.mark.parametrize(
    ("error", "is_permanent", "is_of_server"),
    [
        (REFUSED({"a@b": (550, b"no such user")}), True, False),
        (REFUSED({"a@b": (452, b"mailbox full")}), False, False),
        (smtplib.SMTPDataError(554, b"looks like spam"), True, False),
        (smtplib.SMTPDataError(451, b"greylisted"), False, False),
        (smtplib.SMTPSenderRefused(553, b"not you", "us@here"), False, True),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), False, True),
        (smtplib.SMTPConnectError(554, b"no service"), False, True),
        (smtplib.SMTPServerDisconnected("gone"), False, True),
        (ConnectionRefusedError("nobody there"), False, True),
        (TimeoutError("slow"), False, True),
        (BadHeaderError("a line break"), True, False),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), True, False),
    ],
)
def test_a_failure_is_final_for_the_letter_passing_or_the_servers(
    error, is_permanent, is_of_server
):
    failure = failure_of(error)

    assert (failure.is_permanent, failure.is_of_server) == (is_permanent, is_of_server)
    assert 0 < len(failure.reason) <= 300


def test_the_reason_is_in_the_servers_words():
    said = failure_of(REFUSED({"a@b": (550, b"5.1.1 no such\r\n user \xff")})).reason

    assert said == "The address was refused: 550 5.1.1 no such user \ufffd"


def test_waits_double_up_to_an_hour():
    assert [next_wait(n).seconds // 60 for n in (1, 2, 3, 6, 7, 60000)] == [1, 2, 4, 32, 60, 60]


def test_a_server_that_is_away_for_three_days_loses_nothing():
    now = timezone.now()

    assert not is_given_up(now - timedelta(days=3), now)
    assert is_given_up(now - timedelta(days=5), now)
