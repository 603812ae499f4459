"""The pages of second factors, the sign-in that asks for one, and signing with it on a page."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from governance.accounts.models import User
from governance.approvals.models import Request, Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from tests.accounts.factories import PASSWORD, person
from tests.accounts.second_factors import App, Passkey
from tests.release.factories import policy, ready, requested

pytestmark = pytest.mark.django_db
HOST = "app.example.org"


@pytest.fixture
def rui(settings):
    settings.ALLOWED_HOSTS = [HOST]
    return person("rui")


def browser():
    return Client(headers={"host": HOST})


def sign_in(client, name="rui", password=PASSWORD, next_="/"):
    fields = {"login": name, "password": password, "next": next_}
    return client.post("/account/login/", fields)


def signed_in(name="rui"):
    client = browser()
    sign_in(client, name)
    return client


def known(name):
    """A browser that has been let in without the pages of the sign-in."""
    client = browser()
    client.force_login(User.objects.get(username=name))
    return client


def proven(name="rui"):
    """A browser whose person has just given the password once more."""
    client = known(name)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def test_an_app_is_set_up_with_a_code_that_then_confirms_nothing_else(rui):
    client = proven()
    page = client.get("/account/factors/totp/activate/").content.decode()
    app = App(re.search(r'id="secret">([A-Z2-7]+)<', page)[1])
    code = app.code()

    done = client.post("/account/factors/totp/activate/", {"code": code})

    assert done.url == "/account/factors/recovery-codes/"
    assert len(re.findall(r"<li>\d{8}</li>", client.get(done.url).content.decode())) == 10
    assert not re.findall(r"<li>\d{8}</li>", client.get(done.url).content.decode())
    entries = Entry.objects.filter(event=Event.FACTOR_ADDED).order_by("pk")
    assert [one.data["factor"] for one in entries] == ["authenticator app", "recovery codes"]
    again = browser()
    sign_in(again)
    answer = again.post("/account/factors/authenticate/", {"code": code})
    assert "has been used already" in answer.content.decode()


def test_the_sign_in_asks_for_the_second_factor_and_leads_on(rui):
    app, client = App.of(rui), browser()

    asked = sign_in(client, next_="/portfolio/")
    assert asked.url == "/account/factors/authenticate/"
    assert client.get("/").url.startswith("/account/login/")
    done = client.post(asked.url, {"code": app.code()})

    assert done.url == "/portfolio/"
    assert client.get("/portfolio/").status_code == 200


def test_nonsense_for_a_new_passkey_is_told(rui):
    client = proven()
    client.get("/account/factors/webauthn/add/")

    for nonsense in ("", "x", "[]", "{}", '{"id": 1}', '{"rawId": "", "response": {}}'):
        answer = client.post(
            "/account/factors/webauthn/add/", {"name": "Phone", "credential": nonsense}
        )
        assert (nonsense, answer.status_code) == (nonsense, 200)
    assert not Authenticator.objects.exists()


def test_who_has_none_signs_in_as_before(rui):
    assert sign_in(browser()).url == "/"


def test_wrong_codes_at_the_sign_in_are_limited_and_kept(rui):
    app, client = App.of(rui), browser()
    sign_in(client)
    for _ in range(5):
        wrong = client.post("/account/factors/authenticate/", {"code": app.wrong_code()})
        assert "The code is wrong." in wrong.content.decode()

    waiting = client.post("/account/factors/authenticate/", {"code": app.code()})

    assert "5 wrong passwords or codes in 15 minutes" in waiting.content.decode()
    kept = Entry.objects.filter(event=Event.SIGN_IN_FAILED, refused=True)
    assert (kept.count(), kept.first().actor_name) == (6, "Rui")


def test_a_passkey_lets_in(rui):
    passkey, client = Passkey.of(rui, HOST), browser()
    sign_in(client)
    page = client.get("/account/factors/authenticate/")

    answer = passkey.answer(page.context["js_data"]["request_options"])
    done = client.post("/account/factors/authenticate/", {"credential": answer})

    assert done.url == "/"


def test_nonsense_for_a_passkey_is_no_error_of_ours(rui):
    Passkey.of(rui, HOST)
    client = browser()
    sign_in(client)
    client.get("/account/factors/authenticate/")

    for nonsense in ("", "x", "[]", "{}", '{"id": 1}', '{"response": {}}'):
        answer = client.post("/account/factors/authenticate/", {"credential": nonsense})
        assert (nonsense, answer.status_code) == (nonsense, 200)


def test_factors_are_changed_only_by_who_has_just_shown_who_they_are(rui):
    client = known("rui")

    answer = client.get("/account/factors/totp/activate/")

    assert answer.url == (
        "/account/reauthenticate/?next=%2Faccount%2Ffactors%2Ftotp%2Factivate%2F"
    )
    asked = client.get(answer.url).content.decode()
    assert "Confirm that it is you" in asked
    done = client.post(answer.url, {"password": PASSWORD})
    assert done.url == "/account/factors/totp/activate/"


def test_removing_the_last_factor_takes_the_recovery_codes_and_is_written_down(rui):
    App.of(rui)
    client = proven()

    client.post("/account/factors/recovery-codes/generate/")
    client.post("/account/factors/totp/deactivate/")

    assert not Authenticator.objects.exists()
    entries = Entry.objects.filter(event=Event.FACTOR_REMOVED).order_by("pk")
    assert [one.data["factor"] for one in entries] == ["authenticator app", "recovery codes"]


def test_me_leads_to_the_factors(rui):
    client = signed_in()

    assert 'href="/account/factors/"' in client.get("/me/").content.decode()
    assert "You have none yet" in client.get("/account/factors/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "totp/activate/",
        "webauthn/",
        "webauthn/add/",
        "recovery-codes/generate/",
        "reauthenticate/",
        "webauthn/reauthenticate/",
        "totp/deactivate/",
    ],
)
def test_no_page_of_factors_has_an_inline_script(rui, path):
    client = proven()
    App.of(rui)
    Passkey.of(rui, HOST)
    if path == "totp/activate/":
        Authenticator.objects.filter(type="totp").delete()

    answer = client.get(f"/account/factors/{path}")

    assert answer.status_code == 200
    for script in re.findall(r"<script([^>]*)>", answer.content.decode()):
        assert "src=" in script or 'type="application/json"' in script
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


# Signing on a page


def fields(**changes):
    return {
        "decision": "approve",
        "reason": "It does the job.",
        "evidence_digest": Request.objects.get().evidence_digest,
        "conditions-TOTAL_FORMS": 0,
        "conditions-INITIAL_FORMS": 0,
        **changes,
    }


@pytest.fixture
def strict(rui):
    rules = policy(signature="signature: {second_factor: [1]}")
    return requested(ready(rules=rules))


def test_the_page_says_what_is_lacking_with_the_link_and_keeps_what_was_typed(strict):
    client = signed_in()
    address = strict.get_absolute_url()
    assert "You have no second factor yet" in client.get(address).content.decode()

    answer = client.post(f"{address}votes/", fields(password=PASSWORD))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "takes your password and a second factor" in page
    assert 'href="/account/factors/" target="_blank"' in page
    assert "It does the job." in page
    assert PASSWORD not in page
    assert not Vote.objects.exists()


def test_an_app_set_up_beside_the_page_signs_what_was_typed(strict, rui):
    client = known("rui")
    assert 'name="code"' in client.get(strict.get_absolute_url()).content.decode()
    code = App.of(rui).code()

    answer = client.post(
        f"{strict.get_absolute_url()}votes/", fields(password=PASSWORD, code=code)
    )

    assert answer.status_code == 302


def test_the_code_field_signs_without_script(strict, rui):
    app, client = App.of(rui), known("rui")
    code = app.code()

    answer = client.post(
        f"{strict.get_absolute_url()}votes/", fields(password=PASSWORD, code=code)
    )

    assert answer.status_code == 302
    page = client.get(strict.get_absolute_url()).content.decode()
    assert "UTC, confirmed with password and code of an authenticator app" in page
    assert strict.evidence_digest in page


def test_a_passkey_signs_on_the_page(strict, rui):
    passkey, client = Passkey.of(rui, HOST), known("rui")
    address = strict.get_absolute_url()
    assert f'data-passkey="{address}passkey/"' in client.get(address).content.decode()

    asked = client.post(f"{address}passkey/").json()
    answer = passkey.answer(asked)
    signed = client.post(f"{address}votes/", fields(password=PASSWORD, passkey=answer))

    assert signed.status_code == 302
    assert Vote.objects.get().confirmed_with == "password and passkey"


def test_what_confirms_is_never_sent_back(strict, rui):
    app, client = App.of(rui), known("rui")
    given = {"password": "a guess of mine", "code": app.wrong_code(), "passkey": "{mine}"}

    page = client.post(f"{strict.get_absolute_url()}votes/", fields(**given)).content.decode()

    assert not [value for value in given.values() if value in page]


def test_who_has_no_passkey_is_told_so(strict, rui):
    answer = known("rui").post(f"{strict.get_absolute_url()}passkey/")

    assert answer.status_code == 403
    assert answer.json()["sentence"].startswith("You have no passkey")


# What an administrator does


def removal(factor, **changes):
    return {
        "lost-factor": factor.pk,
        "lost-reason": "She came by and showed her badge.",
        "lost-password": PASSWORD,
        **changes,
    }


def test_an_administrator_removes_a_lost_factor(rui):
    person("root", "administrator")
    App.of(rui)
    client = signed_in("root")
    page = client.get("/people/rui/factors/").content.decode()
    assert "Authenticator app" in page

    answer = client.post("/people/rui/factors/", removal(Authenticator.objects.get()))

    assert answer.url == "/people/rui/factors/"
    assert not Authenticator.objects.exists()
    entry = Entry.objects.get(event=Event.FACTOR_REMOVED)
    assert (entry.actor_name, entry.subject_label) == ("Root", "Rui")
    assert entry.data == {
        "factor": "authenticator app",
        "reason": "She came by and showed her badge.",
    }
    assert sign_in(browser()).url == "/"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"lost-password": "guess"}, "The password is wrong."),
        ({"lost-reason": "lost"}, "how you know that it is them"),
        ({"lost-factor": "0"}, "Select a valid choice"),
    ],
)
def test_removing_takes_the_administrators_password_and_a_reason(rui, changes, sentence):
    person("root", "administrator")
    App.of(rui)
    client = signed_in("root")

    answer = client.post(
        "/people/rui/factors/", removal(Authenticator.objects.get(), **changes)
    )

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Authenticator.objects.exists()


def test_nobody_else_sees_that_page(rui):
    for name in ("rui", "cy", "vi"):
        person(name, *(["auditor"] if name == "vi" else []))
        assert signed_in(name).get("/people/rui/factors/").status_code == 404
