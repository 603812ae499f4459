"""Who is told what, once each: signers, those consulted and informed, the asker, and before the end."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from governance.exceptions import services
from governance.notifications import services as notifications
from tests.exceptions.factories import (
    asked,
    governed,
    granted,
    person,
    row,
    sign,
    today,
    version_of,
)

pytestmark = pytest.mark.django_db


def letters(beginning):
    """Sends what waits and returns the letters whose subject begins so, by name; each person has one."""
    notifications.send_waiting()
    found = [one for one in mail.outbox if one.subject.startswith(beginning)]
    by_name = {one.to[0].split()[0]: one for one in found}
    assert len(by_name) == len(found)
    return by_name


def test_who_may_grant_is_asked_with_all_that_is_needed_to_decide(settings):
    one = asked()

    found = letters("To sign: exception to “four fifths” of credit-scoring v1")

    assert set(found) == {"Rui", "Bo"}
    body = found["Rui"].body
    assert "Mo asks that credit-scoring v1 may go on until " in body
    assert "The ratio is 0.62; at least 0.80 is asked." in body
    assert one.reason in body and one.compensation in body
    assert f"{settings.PUBLIC_URL}/exceptions/{one.pk}/" in body
    assert one.reason in found["Rui"].alternatives[0][0]


def test_who_is_only_consulted_hears_of_it_in_time():
    asked(version_of(governed(tier=2, SEC=[person("sam")])))

    assert set(letters("To sign: ")) == {"Rui"}
    assert set(letters("Asked for: ")) == {"Bo"}


def test_a_grant_is_told_to_the_asker_and_to_c_and_i():
    granted(version_of(governed(SEC=[person("sam")])))

    found = letters("Granted: exception to “four fifths”")

    assert set(found) == {"Mo", "Rui", "Ada", "Sam"}  # Bo gave the last signature himself
    assert "; the rule stays red." in found["Mo"].body
    assert "Granted by:   Rui and Bo" in found["Mo"].body


def test_the_first_of_two_signatures_is_not_told_as_a_decision():
    sign(asked(), "rui")

    assert letters("Granted") == {}


def test_a_refusal_is_told_with_its_reason():
    sign(asked(), "bo", decision="refuse", reason="The risk is too high.")

    found = letters("Refused: ")

    assert "was refused by Bo." in found["Mo"].body
    assert "The risk is too high." in found["Mo"].body


def test_an_end_is_told_once_however_often_the_sweeper_passes():
    row(state="granted", until=today(days=-1), granted_at=timezone.now())

    services.expire_overdue()
    services.expire_overdue()

    assert "what was cleared on it lapses" in letters("Expired: ")["Mo"].body


def test_a_question_that_nobody_answered_ends_in_other_words():
    row(until=today(days=-1))
    services.expire_overdue()

    assert "was not decided before its last day." in letters("Expired: ")["Mo"].body


def test_two_weeks_before_the_end_asker_and_granters_are_reminded_once(monkeypatch):
    one = granted(until=today(days=60))
    assert services.remind_of_endings() == 0
    day = one.until - timedelta(days=14)
    real = timezone.localdate
    monkeypatch.setattr(
        timezone, "localdate", lambda moment=None: real(moment) if moment else day
    )

    assert services.remind_of_endings() == 1
    assert services.remind_of_endings() == 0

    assert set(letters("Ends soon: ")) == {"Mo", "Rui", "Bo"}


def test_what_was_granted_for_a_few_days_needs_no_reminder():
    granted(until=today(days=10))

    assert services.remind_of_endings() == 0
    assert letters("Ends soon: ") == {}


def test_a_reason_cannot_smuggle_markup_into_the_letter():
    asked(reason="<script>alert(1)</script>")

    assert "<script>" not in letters("To sign: ")["Rui"].alternatives[0][0]
