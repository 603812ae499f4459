from datetime import timedelta

import pytest
from knox.crypto import hash_token

from governance.accounts import services
from governance.accounts.models import ApiToken, User
from governance.audit.models import Entry
from governance.errors import Invalid
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


def test_a_new_user_is_a_member_and_audited():
    user = services.create_user("ada", actor=None, password="a long enough secret")

    assert [group.name for group in user.groups.all()] == ["member"]
    assert Entry.objects.get().event == "accounts.user.created"


def test_a_taken_user_name_is_refused_at_its_field():
    person("ada")

    with pytest.raises(Invalid) as refusal:
        services.create_user("ada", actor=None, password="a long enough secret")

    assert refusal.value.field == "username"


def test_a_weak_password_leaves_no_user():
    with pytest.raises(Invalid):
        services.create_user("ada", actor=None, password="short")

    assert not User.objects.exists()


def test_a_token_is_stored_as_a_hash_only():
    ada = person("ada")

    token, plain = services.create_token(
        ada, actor=ada, name="pipeline", scopes=["read"], life=timedelta(days=1)
    )

    assert token.digest == hash_token(plain)
    assert plain not in str(ApiToken.objects.values().get())


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "fly"]])
def test_a_token_with_an_unknown_scope_or_none_is_refused(scopes):
    ada = person("ada")

    with pytest.raises(Invalid, match="Scopes are"):
        services.create_token(ada, actor=ada, name="x", scopes=scopes, life=timedelta(days=1))


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=366)])
def test_a_token_cannot_live_forever(life):
    ada = person("ada")

    with pytest.raises(Invalid, match="365 days"):
        services.create_token(ada, actor=ada, name="x", scopes=["read"], life=life)


def test_a_revoked_token_is_gone_and_the_act_is_written_down():
    ada = person("ada")
    token, _ = services.create_token(
        ada, actor=ada, name="x", scopes=["read"], life=timedelta(days=1)
    )

    services.revoke_token(token, actor=ada)

    assert not ApiToken.objects.exists()
    assert Entry.objects.filter(event="accounts.token.revoked").count() == 1
