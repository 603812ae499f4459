"""What changes at the very moment of a signature: evidence, time, people, and what confirms it."""

from datetime import timedelta

import pytest

from governance.accounts import passkeys
from governance.accounts.authentication import Signed
from governance.accounts.models import User
from governance.approvals import expiry, findings, rework, services
from governance.approvals.findings import Condition
from governance.approvals.models import Finding, FormerAccount, Request, Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, NotAllowed
from raci import holding
from tests.accounts.second_factors import App, Passkey
from tests.approvals.factories import (
    EVIDENCE,
    REASON,
    VALIDATION,
    open_request,
    person,
    sign,
    story,
)
from tests.approvals.test_races import at_once, two_validators, voting
from tests.approvals.test_separation import away

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = {**EVIDENCE, "card": {"text": "For retail loans."}}


def handing_in(request, evidence=OTHER):
    ada = person("ada")
    return lambda: rework.begin_round(
        request,
        actor=ada,
        evidence=evidence,
        blessing=request.blessing,
        changes=["Card changed."],
        answer="The card now says for whom it is.",
    )


def fresh(request):
    return Request.objects.with_steps().get(pk=request.pk)


# Evidence


def test_a_signature_never_counts_for_evidence_that_came_at_the_same_moment():
    request = open_request()
    validation = request.steps.get(name="validation")

    voted, handed_in = at_once(voting(validation, "rui"), handing_in(request))

    assert isinstance(handed_in, Request)
    assert fresh(request).current_step.name == "validation"
    if isinstance(voted, Vote):
        assert voted.evidence_digest == request.evidence_digest != handed_in.evidence_digest
    else:
        assert voted.code == "evidence_changed"


def test_the_last_signature_and_other_evidence_leave_one_of_them():
    request = open_request(story(steps=(VALIDATION,)))

    voted, handed_in = at_once(voting(request.steps.get(), "rui"), handing_in(request))

    kept = fresh(request)
    if isinstance(voted, Vote):
        assert handed_in.code == "request_closed"
        assert (kept.state, kept.round) == ("approved", 1)
        assert kept.evidence_digest == voted.evidence_digest
    else:
        assert voted.code == "evidence_changed"
        assert (kept.state, kept.round) == ("open", 2)


def test_the_same_evidence_handed_in_twice_begins_one_round():
    request = open_request()

    results = at_once(handing_in(request), handing_in(request))

    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert fresh(request).round == 2
    assert FormerAccount.objects.count() == 1


def test_an_approval_and_changes_asked_for_leave_it_with_who_asked():
    request = open_request(two_validators())
    step = request.steps.get()

    _, asked = at_once(voting(step, "rui"), voting(step, "ray", "changes"))

    assert isinstance(asked, Vote)
    assert fresh(request).state == "rework"
    assert Entry.objects.filter(event=Event.CHANGES_ASKED).count() == 1


# Time


def test_the_last_signature_and_the_end_of_the_time_leave_one_end():
    request = open_request(
        story(steps=(VALIDATION.replace("duty: R", "duty: R, due_in: 1 day"),))
    )
    end = request.due_at + timedelta(days=60)

    voted, expired = at_once(
        voting(request.steps.get(), "rui"), lambda: expiry.expire(request, end)
    )

    ended = fresh(request).state
    assert ended == ("approved" if isinstance(voted, Vote) else "expired")
    assert isinstance(voted, Vote) != isinstance(expired, Request)


# People


def test_who_was_deactivated_after_they_opened_the_page_signs_nothing():
    request = open_request()
    act = voting(request.steps.get(name="validation"), "rui")
    User.objects.filter(username="rui").update(is_active=False)

    with pytest.raises(NotAllowed):
        act()

    assert not Vote.objects.exists()


def test_who_comes_back_and_who_stood_in_for_them_sign_once():
    request = open_request()
    step = request.steps.get(name="validation")
    away("rui", "cy")
    rui = person("rui")

    def back():
        holding.end_absence(rui.raci_absences.get(), actor=rui)
        return voting(step, "rui")()

    results = at_once(voting(step, "cy"), back)

    assert sum(isinstance(result, Vote) for result in results) == 1
    assert Vote.objects.count() == 1


# What confirms it


def test_one_code_signs_one_of_two_requests():
    app = App.of(person("rui"))
    steps = [
        open_request(story(slug)).steps.get(name="validation") for slug in ("credit", "cars")
    ]
    code = app.code()

    results = at_once(*[confirmed(step, code=code) for step in steps])

    assert sum(isinstance(result, NotAllowed) for result in results) == 1
    assert Vote.objects.count() == 1


def test_one_answer_of_a_passkey_signs_once():
    passkey = Passkey.of(person("rui"))
    request = open_request(two_validators())
    asked = passkeys.begin(
        person("rui"),
        purpose=Signed(request, request.evidence_digest).purpose,
        host="testserver",
    )
    answer = passkey.answer(asked)

    results = at_once(*[confirmed(request.steps.get(), passkey=answer)] * 2)

    assert sum(isinstance(result, NotAllowed) for result in results) == 1
    assert Vote.objects.count() == 1


def confirmed(step, **proof):
    rui = person("rui")
    return lambda: services.vote(step, actor=rui, decision="approve", reason=REASON, **proof)


# Conditions


@pytest.fixture
def condition():
    """A condition that Rui set and that Mo sees to."""
    request = open_request(story(MO=[person("mo")]))
    due = request.opened_at.date() + timedelta(days=30)
    sign(request, "rui", conditions=[Condition("Watch the young borrowers.", "mo", due)])
    return Finding.objects.get()


def test_a_condition_is_reported_done_once(condition):
    mo = person("mo")

    results = at_once(
        *[lambda: findings.report(condition, actor=mo, report="Watched for a month.")] * 2
    )

    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert Entry.objects.filter(event=Event.FINDING_REPORTED, refused=False).count() == 1


def test_a_condition_closed_and_opened_again_is_one_of_them(condition):
    rui = person("rui")
    findings.report(condition, actor=person("mo"), report="Watched for a month.")

    results = at_once(
        lambda: findings.close(condition, actor=rui),
        lambda: findings.reopen(condition, actor=rui, reason="The third week is missing."),
    )

    assert sum(isinstance(result, Conflict) for result in results) == 1
    condition.refresh_from_db()
    assert bool(condition.closed_at) == bool(condition.reported_at)
