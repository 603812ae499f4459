"""Exceptions on the screens: asked for beside a red rule, signed with the password, shown everywhere."""

import pytest
from django.test import Client

from governance.accounts.models import User
from governance.blessing.services import bless
from governance.exceptions.models import RuleException
from governance.exceptions.rules import long_date
from tests.accounts.factories import PASSWORD
from tests.evaluation.conftest import own_storage  # noqa: F401
from tests.exceptions.factories import COMPENSATION, REASON, row, today
from tests.exceptions.stories import ask, cleared, excepted, red, requested

pytestmark = pytest.mark.django_db


def as_(username):
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def page(username, address):
    answer = as_(username).get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def until():
    return long_date(RuleException.objects.get().until)


def test_the_one_responsible_asks_beside_the_red_rule():
    blessing = red()
    address = f"/blessings/{blessing.pk}/rules/1/exception/"
    assert address in page("mo", blessing.version.get_absolute_url())
    assert f"/blessings/{blessing.pk}/rules/0/" not in page(
        "mo", blessing.version.get_absolute_url()
    )
    assert f"At the latest {long_date(today(days=90))}." in page("mo", address)

    asked = as_("mo").post(
        address, {"reason": REASON, "compensation": COMPENSATION, "until": today(days=90)}
    )

    assert asked.status_code == 302
    assert asked.url == RuleException.objects.get().get_absolute_url()


def test_the_page_of_a_red_version_asks_as_often_for_many_exceptions(
    django_assert_max_num_queries,
):
    version = red().version
    for number in range(4):
        row(version, rule_text=f"rule {number}: auc at least 0.9")
    client = as_("mo")
    client.get(version.get_absolute_url())

    with django_assert_max_num_queries(28):
        assert client.get(version.get_absolute_url()).status_code == 200


def test_others_read_why_they_may_not():
    blessing = red()

    shown = page("ada", blessing.version.get_absolute_url())

    assert "You are not Responsible for “Grant a time-limited exception" in shown
    assert f"/blessings/{blessing.pk}/rules/1/exception/" not in shown


def test_a_policy_that_allows_none_says_so():
    blessing = red(extra="exceptions: {allowed: no}\n")

    assert "credit v1 allows no exceptions." in page("mo", blessing.version.get_absolute_url())


def test_what_was_typed_is_kept_when_it_is_refused():
    blessing = red()

    refused = as_("mo").post(
        f"/blessings/{blessing.pk}/rules/1/exception/",
        {"reason": REASON, "compensation": COMPENSATION, "until": today(days=91)},
    )

    assert refused.status_code == 422
    shown = refused.content.decode()
    assert "at most 90 days" in shown
    assert COMPENSATION in shown


def test_an_older_verdict_leads_to_the_newest():
    older = red()
    bless(older.evaluation, actor=None)

    answer = as_("mo").get(f"/blessings/{older.pk}/rules/1/exception/")

    assert answer.status_code == 409
    assert "ask on the newest verdict" in answer.content.decode()


def test_who_may_grant_finds_it_under_my_work_and_signs():
    one = ask(red())
    assert f'href="{one.get_absolute_url()}"' in page("rui", "/")
    assert "You are here as Accountable for Grant" in page("rui", one.get_absolute_url())

    signed = as_("rui").post(
        f"{one.get_absolute_url()}signatures/",
        {"decision": "grant", "reason": "I answer for it.", "password": PASSWORD},
    )

    assert signed.status_code == 302
    assert "Granted by Rui." in page("bo", one.get_absolute_url())


def test_a_wrong_password_keeps_the_words_and_not_the_password():
    one = ask(red())

    refused = as_("rui").post(
        f"{one.get_absolute_url()}signatures/",
        {"decision": "grant", "reason": "I answer for it.", "password": "wrong-one"},
    )

    shown = refused.content.decode()
    assert refused.status_code == 422
    assert "The password is wrong." in shown
    assert "I answer for it." in shown
    assert "wrong-one" not in shown


def test_it_is_shown_wherever_the_version_is():
    blessing = excepted()
    request = requested(blessing)
    version = blessing.version
    exception = RuleException.objects.get()
    address = exception.get_absolute_url()

    for username, where in [
        ("ada", version.get_absolute_url()),
        ("ada", version.model.get_absolute_url()),
        ("ada", "/use-cases/credit/"),
        ("ada", "/portfolio/"),
        ("ada", "/exceptions/"),
        ("rui", request.get_absolute_url()),
    ]:
        assert address in page(username, where), where
    card = page("ada", f"{version.get_absolute_url()}card/")
    assert "Exceptions to red rules" in card
    assert until() in card and "Rui and Bo" in card
    assert until() in page("rui", request.get_absolute_url())


def test_the_gate_on_the_version_page_names_it():
    clearance = cleared(excepted())

    shown = page("olu", clearance.version.get_absolute_url())

    assert f"Exception</strong> to “ambition” until {until()}" in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("?state=granted", True),
        ("?state=asked", False),
        ("?model=credit", True),
        ("?model=other", False),
        ("?ending=soon", False),
    ],
)
def test_the_list_is_narrowed_on_the_page_and_in_the_file(query, found):
    address = RuleException.objects.get(version=excepted().version).get_absolute_url()

    assert (f'href="{address}"' in page("ada", f"/exceptions/{query}")) is found
    lines = as_("ada").get(f"/exceptions.csv{query}").getvalue().decode().splitlines()
    assert (len(lines) == 2) is found


def test_what_a_pipeline_wrote_is_harmless_on_the_page():
    one = ask(red(), reason="<script>alert(1)</script>")

    assert "<script>alert" not in page("rui", one.get_absolute_url())
