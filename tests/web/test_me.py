import pytest

from governance.accounts.models import ApiToken
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


def test_a_new_token_is_shown_once(client):
    client.force_login(person("ada"))

    answer = client.post("/me/tokens/", {"name": "nightly", "scopes": ["read"], "life": "30"})

    shown = answer.content.decode()
    token = ApiToken.objects.get()
    assert token.token_key in shown
    assert "cannot be shown again" in shown
    assert "cannot be shown again" not in client.get("/me/").content.decode()


def test_a_token_without_scopes_is_refused_at_the_field(client):
    client.force_login(person("ada"))

    answer = client.post("/me/tokens/", {"name": "nightly", "life": "30"})

    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_nobody_revokes_the_token_of_another(client):
    ada = person("ada")
    token, _ = ApiToken.objects.create(user=ada, name="x", scopes=["read"])
    client.force_login(person("cy"))

    assert client.post(f"/me/tokens/{token.token_key}/revoke/").status_code == 404
    assert ApiToken.objects.exists()


def test_a_revoked_token_is_gone(client):
    ada = person("ada")
    token, _ = ApiToken.objects.create(user=ada, name="x", scopes=["read"])
    client.force_login(ada)

    client.post(f"/me/tokens/{token.token_key}/revoke/")

    assert not ApiToken.objects.exists()
