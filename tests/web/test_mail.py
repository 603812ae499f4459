"""Mail as people meet it in the browser: how they want it, its links, and what did not leave."""

import re
from datetime import time

import pytest
from django.apps import apps
from django.core import mail, serializers
from django.test import Client

from governance.accounts.models import User
from governance.approvals.models import Vote
from governance.notifications import services
from governance.notifications.kinds import GROUPS, Group
from governance.notifications.links import signer
from governance.notifications.models import MailState, Notification
from governance.notifications.queries import preferences_of
from tests.accounts.factories import PASSWORD, person
from tests.accounts.second_factors import App
from tests.approvals.factories import open_request, sign
from tests.notifications.factories import tell
from tests.release.factories import requested

pytestmark = pytest.mark.django_db
CHOSEN = {
    "to_sign": "digest",
    "advice": "at_once",
    "duties": "at_once",
    "told": "never",
    "system": "never",
    "digest_hour": "7",
    "quiet_from": "20:00",
    "quiet_until": "06:30",
    "time_zone": "Europe/Zurich",
}


def signed_in(username):
    client = Client()
    client.force_login(person(username))
    return client


def link_of(username, kind="approval_requested"):
    row = Notification.objects.filter(user__username=username, kind=kind).latest("pk")
    return f"/links/{signer.sign(row.pk)}/"


# What signing in leaves, and which news of a request a reader has seen, which is theirs alone.
NO_RECORDS = {"sessions.Session", "approvals.Look"}


def world_of_rows():
    """Everything that is on record."""
    return {
        model._meta.label: serializers.serialize("json", model._base_manager.order_by("pk"))
        for model in apps.get_models()
        if model._meta.managed and model._meta.label not in NO_RECORDS
    }


def links_in(letter):
    html = letter.alternatives[0][0]
    found = [*re.findall(r'href="([^"]+)"', html), *re.findall(r"http\S+", letter.body)]
    return {one for one in found if one.startswith("http")}


def test_how_mail_is_wanted_is_kept_by_the_form():
    client = signed_in("ada")

    answer = client.post("/me/mail/", CHOSEN)

    assert (answer.status_code, answer.url) == (302, "/me/")
    ada = User.objects.get(username="ada")
    kept = preferences_of(ada)
    assert kept.delivery_of(Group.TO_SIGN) == "digest"
    assert (kept.digest_hour, kept.quiet_until) == (7, time(6, 30))
    assert ada.time_zone == "Europe/Zurich"
    shown = client.get("/me/").content.decode()
    assert '<option value="Europe/Zurich" selected>' in shown
    assert 'value="06:30"' in shown


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("to_sign", "never", "is not one of the available choices"),
        ("digest_hour", "21", "would come in your quiet hours"),
        ("quiet_until", "", "need a beginning and an end"),
        ("quiet_from", "late", "Enter a valid time"),
        ("time_zone", "Europe/Atlantis", "is not one of the available choices"),
    ],
)
def test_what_cannot_be_wanted_is_told_at_its_field_and_nothing_is_kept(field, value, words):
    answer = signed_in("ada").post("/me/mail/", CHOSEN | {field: value})

    assert answer.status_code == 422
    assert words in " ".join(answer.context["mail_form"].errors[field])
    assert not preferences_of(person("ada")).pk


def test_a_link_leads_to_the_review_page_after_signing_in():
    request = open_request()
    stranger, link = Client(), link_of("rui")

    to_sign_in = stranger.get(link)
    back = stranger.post(to_sign_in.url, {"login": "rui", "password": PASSWORD})

    assert to_sign_in.url.startswith("/account/login/")
    assert back.url == link
    assert stranger.get(link).url == f"/approvals/{request.pk}/"


def test_a_link_leads_on_through_the_second_factor_and_changes_nothing():
    request = open_request()
    stranger, link, app = Client(), link_of("rui"), App.of(User.objects.get(username="rui"))

    to_sign_in = stranger.get(link)
    asked = stranger.post(to_sign_in.url, {"login": "rui", "password": PASSWORD})
    between = stranger.get(link)
    back = stranger.post(asked.url, {"code": app.code()})

    assert asked.url == "/account/factors/authenticate/"
    assert between.url.startswith("/account/login/")
    assert back.url == link
    assert stranger.get(link).url == f"/approvals/{request.pk}/"
    request.refresh_from_db()
    assert (request.state, Vote.objects.count()) == ("open", 0)


def test_a_link_is_used_up_by_the_signature_and_says_where_it_is_on_record():
    request = open_request()
    link = link_of("rui")
    sign(request, "rui")

    answer = signed_in("rui").get(link)

    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "This link has served" in shown
    assert f'href="/approvals/{request.pk}/"' in shown


def test_advice_uses_up_the_link_of_who_was_asked_and_no_other():
    request = open_request()
    consultation = request.consultations.get(user__username="sam")
    client = signed_in("sam")
    link = link_of("sam", "advice_requested")
    client.post(f"/approvals/{request.pk}/advice/", {"advice": "Look at the young ones."})

    consultation.refresh_from_db()
    assert consultation.answered_at
    assert client.get(link).status_code == 409
    assert signed_in("rui").get(link_of("rui")).status_code == 302


def test_a_withdrawn_request_uses_up_every_link():
    request = open_request()
    links = {name: link_of(name) for name in ("rui",)} | {
        "sam": link_of("sam", "advice_requested")
    }
    signed_in("ada").post(
        f"/approvals/{request.pk}/withdrawal/", {"withdraw-reason": "A better one comes."}
    )

    for name, link in links.items():
        assert signed_in(name).get(link).status_code == 409


@pytest.mark.parametrize(("name", "status"), [("cy", 403), ("rui", 302)])
def test_a_link_leads_only_who_was_mailed(name, status):
    open_request()

    assert signed_in(name).get(link_of("rui")).status_code == status


def test_a_forged_link_gets_a_page_with_the_way_out():
    answer = signed_in("cy").get("/links/7:forged:x/")

    assert answer.status_code == 404
    assert "not written by this server" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_link_takes_no_post():
    open_request()

    assert signed_in("rui").post(link_of("rui")).status_code == 405


def test_a_scanner_that_follows_every_link_changes_nothing():
    """Every kind of mail, every link in it, GET and HEAD, by a stranger and by who was mailed."""
    request = requested()
    for kind in GROUPS:
        services.tell(
            [person("rui")],
            kind,
            subject=request,
            title=kind,
            line="l",
            url=request.get_absolute_url(),
            context={"why": "w", "act": "a", "facts": [["a", "b"]]},
        )
    services.send_waiting()
    reader, stranger = signed_in("rui"), Client()
    letters = [one for one in mail.outbox if "rui@" in one.to[0]]
    assert {one.subject for one in letters} >= set(GROUPS)
    before = world_of_rows()

    for letter in letters:
        for link in links_in(letter):
            path = link.split("/", 3)[3]
            for client in (stranger, reader):
                for ask in (client.get, client.head):
                    assert ask(f"/{path}", follow=True).status_code == 200

    assert world_of_rows() == before
    assert not Vote.objects.exists()
    assert reader.get(link_of("rui")).status_code == 302  # and the link still leads there


def test_administrators_see_why_mail_failed_and_send_it_again():
    [row] = tell(person("ada"))
    said = "The address was refused: 550 no such user"
    Notification.objects.update(mail_state=MailState.FAILED, last_error=said, attempts=1)
    root = Client()
    root.force_login(person("root", "administrator"))

    assert said in root.get("/mail/").content.decode()
    answer = root.post(f"/mail/{row.pk}/again/")

    assert answer.url == "/mail/"
    services.send_waiting()
    assert len(mail.outbox) == 1
    assert "No mail is in trouble." in root.get("/mail/").content.decode()


def test_a_person_sees_their_own_failed_mail_only():
    [mine] = tell(person("ada"), title="To ada")
    [other] = tell(person("bo"), title="To bo")
    client = signed_in("ada")
    Notification.objects.update(mail_state=MailState.FAILED, last_error="550 no such user")

    shown = client.get("/me/").content.decode()

    assert "To ada" in shown and "550 no such user" in shown
    assert "To bo" not in shown
    assert client.post(f"/mail/{other.pk}/again/").status_code == 404
    assert client.post(f"/mail/{mine.pk}/again/").url == "/me/"
