"""The letters people get, in text and in HTML."""

import pytest
from django.core import mail

from governance.approvals import services
from governance.blessing.models import RuleResult
from governance.notifications import services as notifications
from governance.notifications.models import Notification
from tests.approvals.factories import RELEASE, VALIDATION, open_request, person, sign, story

pytestmark = pytest.mark.django_db


def letters(subject):
    """Sends what waits and returns the letters with this subject, by address."""
    notifications.send_waiting()
    return {one.to[0].split()[0]: one for one in mail.outbox if one.subject == subject}


def test_who_may_sign_is_told_what_why_by_when_and_where(settings):
    request = open_request()
    sign(request, "rui")

    letter = letters("To sign: credit-scoring v1 for champion")["Bo"]

    assert "Ada asks that credit-scoring v1 may serve as champion in Credit." in letter.body
    assert (
        "You are Accountable for Approve or reject the release, by the role Business owner."
        in letter.body
    )
    assert "Blessed against credit v1." in letter.body
    assert "It beats the champion." in letter.body
    assert f"{request.due_at:%d %B %Y}" in letter.body
    assert f"{settings.PUBLIC_URL}/approvals/{request.pk}/" in letter.body


def test_the_letter_is_html_too_and_needs_no_style_sheet():
    open_request()

    html, kind = letters("To sign: credit-scoring v1 for champion")["Rui"].alternatives[0]

    assert kind == "text/html"
    assert 'class="button" href=' in html or "Review and sign</a>" in html
    assert 'style="display: inline-block' in html


def test_a_statement_cannot_smuggle_markup_into_the_letter():
    open_request(statement="<script>alert(1)</script>")

    letter = letters("To sign: credit-scoring v1 for champion")["Rui"]

    assert "<script>" not in letter.alternatives[0][0]
    assert "<script>alert(1)</script>" in letter.body


def test_who_is_consulted_is_asked_for_advice():
    open_request()

    letter = letters("Your advice: credit-scoring v1 for champion")["Sam"]

    assert (
        "You are Consulted for Approve or reject the release, by the role IT security and privacy."
        in letter.body
    )


def test_who_asked_reads_the_advice():
    consultation = open_request().consultations.get(user__username="sam")
    services.advise(consultation, actor=person("sam"), advice="Mind the young applicants.")

    letter = letters("Advice on credit-scoring v1 for champion")["Ada"]

    assert "Sam advises: Mind the young applicants." in letter.body


def test_who_asked_reads_how_it_ended_and_why():
    sign(open_request(), "rui", decision="reject", reason="The data is too old.")

    letter = letters("Rejected: credit-scoring v1 for champion")["Ada"]

    assert "was rejected by Rui." in letter.body
    assert "The data is too old." in letter.body


def asks():
    """Who is still asked to sign which step."""
    rows = Notification.objects.filter(kind="approval_requested", settled_at=None)
    return sorted(rows.values_list("user__username", "context__step"))


def test_who_signed_is_asked_no_more_and_others_until_the_step_is_complete():
    two = VALIDATION.replace("meaning", "quorum: 2, meaning")
    told = story(steps=[two, RELEASE], RV=[person(name) for name in ("rui", "ray", "ron")])
    request = open_request(told)
    sign(request, "rui")
    assert asks() == [("ray", "validation"), ("ron", "validation")]

    sign(request, "ray")

    assert asks() == [("bo", "release")]


def test_a_parallel_step_stays_asked_for_when_the_one_beside_it_is_signed():
    beside = (
        "{step: security, activity: approve_release, duty: A, meaning: checked, parallel: true}"
    )
    request = open_request(story(steps=[VALIDATION, beside]))
    assert asks() == [("bo", "security"), ("rui", "validation")]

    sign(request, "rui")

    assert asks() == [("bo", "security")]


def test_when_it_is_over_nobody_is_asked():
    sign(open_request(), "rui", decision="reject", reason="The data is too old.")

    assert not Notification.objects.filter(kind="advice_requested", settled_at=None).exists()
    assert asks() == []


def test_a_mail_to_sign_brings_its_due_date_for_the_calendar(settings):
    request = open_request()
    sign(request, "rui")

    letter = letters("To sign: credit-scoring v1 for champion")["Bo"]

    [part] = [one for one in letter.message().walk() if one.get_filename()]
    entry = part.get_payload(decode=True).decode()
    assert f"URL:{settings.PUBLIC_URL}/approvals/{request.pk}/" in entry
    assert "SUMMARY:To sign: credit-scoring v1 for champion" in entry


def test_who_may_sign_is_told_which_rules_did_not_pass():
    told = story()
    for position, (outcome, sentence) in enumerate(
        [("pass", "AUC is 0.79."), ("fail", "The ratio is 0.6; at least 0.8 is asked.")]
    ):
        RuleResult.objects.create(
            blessing=told.blessing,
            position=position,
            name=outcome,
            text="a rule",
            severity="warn",
            outcome=outcome,
            sentence=sentence,
        )
    open_request(told)

    letter = letters("To sign: credit-scoring v1 for champion")["Rui"]

    assert "The ratio is 0.6; at least 0.8 is asked." in letter.body
    assert "AUC is 0.79." not in letter.body
