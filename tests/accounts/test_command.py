from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from governance.accounts.models import ApiToken
from governance.audit.events import Event
from governance.audit.models import Entry
from tests.accounts.factories import person
from tests.accounts.second_factors import App

pytestmark = pytest.mark.django_db


def test_the_command_prints_a_token_with_the_scopes_asked_for():
    person("ada")
    out = StringIO()

    call_command("token", "ada", "--scopes", "read", "evaluate", stdout=out)

    token = ApiToken.objects.get()
    assert token.scopes == ["evaluate", "read"]
    assert out.getvalue().strip().startswith(token.token_key)


def test_the_command_names_a_missing_user():
    with pytest.raises(CommandError, match="no active user nobody"):
        call_command("token", "nobody")


def test_who_has_the_machine_removes_every_factor(capsys):
    ada = person("ada")
    App.of(ada)

    call_command("remove_factors", "ada")

    assert capsys.readouterr().out == "ada: 1 removed.\n"
    assert not Authenticator.objects.exists()
    entry = Entry.objects.get(event=Event.FACTOR_REMOVED)
    assert (entry.subject_label, entry.data["factor"]) == ("Ada", "authenticator app")


def test_nobody_has_no_factors():
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command("remove_factors", "nobody")
