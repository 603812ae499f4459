"""What a reader is told that is new since they last looked at a request."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from governance.approvals import findings, looks, services, talk
from governance.approvals.findings import Condition
from governance.approvals.models import Look, Request
from governance.approvals.rework import begin_round
from governance.audit.models import Entry
from tests.approvals.factories import EVIDENCE, open_request, person, sign, story

pytestmark = pytest.mark.django_db

MEASURED = EVIDENCE | {"evaluation": {"dataset": "hold-out", "rows": 400, "threshold": None}}


@pytest.fixture
def review(client):
    """Looks at the review page of a request as somebody, and gives what it tells them is new."""

    def look(request, username, **headers):
        client.force_login(person(username))
        answer = client.get(request.get_absolute_url(), headers=headers)
        assert answer.status_code == 200
        return [(one.sentence, one.anchor) for one in answer.context["news"]]

    return look


def asked(told=None):
    return open_request(told, evidence=MEASURED)


def visit_over(after=looks.VISIT):
    """As if the readers had looked so much earlier."""
    Look.objects.update(
        looked_at=F("looked_at") - after - timedelta(minutes=1),
        before_at=F("before_at") - after - timedelta(minutes=1),
    )


def test_at_the_first_look_nothing_is_new(review):
    request = asked()
    talk.comment(request, actor=person("ada"), text="Please look soon.")

    assert review(request, "bo") == []


def test_signatures_and_comments_of_others_are_news_with_their_places(review):
    request = asked()
    review(request, "bo")
    visit_over()

    sign(request, "rui")
    first = talk.comment(request, actor=person("ada"), text="Any questions?")
    talk.comment(request, actor=person("sam"), text="None.", reply_to=first)

    assert review(request, "bo") == [
        ("Rui signed validation.", "signatures"),
        ("2 new comments by Ada and Sam.", f"comment-{first.pk}"),
    ]


def test_a_reload_tells_the_same_and_the_next_visit_does_not(review):
    request = asked()
    review(request, "bo")
    visit_over()
    sign(request, "rui")

    told = review(request, "bo")

    assert told == review(request, "bo") == [("Rui signed validation.", "signatures")]
    visit_over()
    assert review(request, "bo") == []


def test_what_comes_during_the_first_visit_is_told_too(review):
    request = asked()
    review(request, "bo")

    sign(request, "rui")

    assert review(request, "bo") == [("Rui signed validation.", "signatures")]


def test_nobody_is_told_what_they_did_themselves(review):
    request = asked()
    review(request, "rui")
    visit_over()

    talk.comment(request, actor=person("rui"), text="Signing now.")
    sign(request, "rui")

    assert review(request, "rui") == []


def test_each_reader_has_their_own_last_look(review):
    request = asked()
    review(request, "bo")
    visit_over()
    sign(request, "rui")

    assert review(request, "ada") == []
    assert review(request, "bo") != []


def test_changed_evidence_is_told_in_the_sentences_of_the_round(review, client):
    told = story()
    request = asked(told)
    review(request, "bo")
    visit_over()
    begin_round(
        Request.objects.get(pk=request.pk),
        actor=person("ada"),
        evidence=MEASURED | {"auc": {"value": 0.8}},
        blessing=told.blessing,
        changes=["Card: 3 fields written → 4 fields written."],
        answer="The card is complete now.",
    )

    assert review(request, "bo") == [
        ("Ada handed it in again as round 2, evidence changed.", "rounds")
    ]
    page = client.get(request.get_absolute_url()).content.decode()
    assert (
        page.partition('id="news"')[2].count("Card: 3 fields written → 4 fields written.") == 2
    )
    assert 'id="rounds"' in page


def test_conditions_and_advice_are_news_as_they_go_on(review):
    request = asked()
    review(request, "bo")
    visit_over()
    tomorrow = timezone.localdate() + timedelta(days=1)
    sign(request, "rui", conditions=[Condition("Watch the young.", "sam", tomorrow)])
    consultation = request.consultations.get(user=person("sam"))
    services.advise(consultation, actor=person("sam"), advice="Mind the young applicants.")

    assert review(request, "bo") == [
        ("Rui signed validation.", "signatures"),
        ("Rui set the condition “Watch the young.”.", "conditions"),
        ("Sam gave advice.", "advice"),
    ]

    visit_over()
    findings.report(request.findings.get(), actor=person("sam"), report="Watched them all day.")
    assert review(request, "bo") == [
        ("Sam reported done the condition “Watch the young.”.", "conditions")
    ]


def test_how_it_ended_is_news(review):
    request = asked()
    review(request, "ada")
    visit_over()
    sign(request, "rui", decision="reject")

    assert review(request, "ada") == [
        ("It is rejected now.", "top"),
        ("Rui rejected validation.", "signatures"),
    ]


def test_a_page_fetched_ahead_was_seen_by_nobody(review):
    request = asked()

    review(request, "bo", **{"Sec-Purpose": "prefetch;prerender"})

    assert not Look.objects.exists()


def test_looking_leaves_no_trace_in_the_trail_and_one_row(review):
    request = asked()
    entries = Entry.objects.count()

    for _ in range(3):
        review(request, "bo")

    assert Look.objects.count() == 1
    assert not Entry.objects.filter(subject_type="approvals.look").exists()
    assert Entry.objects.about(request).count() <= entries
