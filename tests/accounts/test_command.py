from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.accounts.models import ApiToken
from tests.accounts.factories import person

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
