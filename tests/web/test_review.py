"""The review page: what it shows is what is signed on it."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from governance.approvals import rework
from governance.approvals.models import Request, Vote
from governance.cards import services as cards
from tests.accounts.factories import PASSWORD, person
from tests.approvals.test_races import at_once
from tests.release.factories import requested

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = re.compile(r'name="evidence_digest" value="(sha256:[0-9a-f]{64})"')
CHANGED = "The evidence changed since you read it: read what changed, and sign again."
OVERVIEW = "It scores retail loans only, by what they owe elsewhere."
REASON = "It does the job for retail."


@pytest.fixture
def rui():
    """Rui's browser, with Ada's request waiting for them."""
    requested()
    client = Client()
    client.force_login(person("rui"))
    return client


def address():
    return Request.objects.get().get_absolute_url()


def read(rui):
    """The digest of the evidence that the page shows."""
    return SHOWN.search(rui.get(address()).content.decode())[1]


def sign(rui, digest):
    typed = {"decision": "approve", "reason": REASON, "password": PASSWORD}
    rows = {"conditions-TOTAL_FORMS": 1, "conditions-INITIAL_FORMS": 0}
    condition = {"conditions-0-text": "Watch the young borrowers.", "conditions-0-owner": "ada"}
    due = {"conditions-0-due_on": timezone.localdate() + timedelta(days=30)}
    sent = typed | rows | condition | due | digest
    return rui.post(f"{address()}votes/", sent)


def hand_in_other_evidence():
    ada, request = person("ada"), Request.objects.get()
    cards.revise(request.version, actor=ada, overview=OVERVIEW)
    rework.hand_in_again(request, actor=ada, answer="The card says for whom it is.")


def test_the_evidence_that_is_shown_is_signed(rui):
    shown = read(rui)

    assert sign(rui, {"evidence_digest": shown}).status_code == 302
    assert Vote.objects.get().evidence_digest == shown


def test_a_form_that_is_sent_from_two_screens_at_once_signs_once(rui):
    shown, other = read(rui), Client()
    other.cookies.load(rui.cookies)

    answers = at_once(*[partial(sign, one, {"evidence_digest": shown}) for one in (rui, other)])

    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert Vote.objects.count() == 1


def test_evidence_that_changed_since_the_page_was_opened_is_not_signed(rui):
    shown = read(rui)
    hand_in_other_evidence()

    refused = sign(rui, {"evidence_digest": shown})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert CHANGED in page
    assert "handed it in again as round 2, evidence changed." in page
    assert REASON in page
    assert "Watch the young borrowers." in page
    assert PASSWORD not in page
    assert not Vote.objects.exists()


def test_the_page_with_the_refusal_signs_what_it_shows_now(rui):
    shown = read(rui)
    hand_in_other_evidence()
    page = sign(rui, {"evidence_digest": shown}).content.decode()

    again = sign(rui, {"evidence_digest": SHOWN.search(page)[1]})

    assert again.status_code == 302
    assert Vote.objects.get().evidence_digest == Request.objects.get().evidence_digest


@pytest.mark.parametrize(
    "digest",
    [
        {},
        {"evidence_digest": ""},
        {"evidence_digest": "x\x00"},
        {"evidence_digest": "sha256:" + "0" * 9999},
    ],
)
def test_a_form_that_does_not_say_what_was_read_signs_nothing(rui, digest):
    refused = sign(rui, digest)

    assert (refused.status_code, CHANGED in refused.content.decode()) == (422, True)
    assert not Vote.objects.exists()
