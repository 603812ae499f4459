"""Whoever changes the second factors of an account, its owner learns of it."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from governance.accounts import lost_factors
from governance.notifications import sending
from governance.notifications.models import Notification
from tests.accounts.factories import PASSWORD, person
from tests.accounts.second_factors import App

pytestmark = pytest.mark.django_db(transaction=True)


def lines():
    told = Notification.objects.filter(kind="account_changed", user=person("rui"))
    return [one.line for one in told.order_by("pk")]


def test_the_owner_is_told_of_a_factor_that_came_and_of_one_that_was_taken_away():
    rui = person("rui")
    App.of(rui)
    root = person("root", "administrator")

    lost_factors.remove(
        Authenticator.objects.get(user=rui, type="totp"),
        actor=root,
        reason="Rui called and I know the voice.",
        password=PASSWORD,
    )

    assert lines() == [
        "Authenticator app was added by you.",
        "Authenticator app was removed by Root.",
    ]


def test_the_mail_says_what_to_do_if_it_was_somebody_else():
    App.of(person("rui"))
    sending.send_waiting()

    [letter] = [one for one in mail.outbox if "Second factor added" in one.subject]
    assert "If this was not you, change your password at once" in letter.body
