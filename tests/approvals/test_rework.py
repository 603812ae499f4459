"""Changes asked for, the request handed in again, and what becomes of signatures on other evidence."""

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError

from governance.approvals import queries, rework
from governance.approvals.models import FormerAccount, Request
from governance.approvals.transitions import State
from governance.audit.models import Entry
from governance.blessing.models import RuleResult
from governance.errors import Conflict, Invalid, NotAllowed
from governance.notifications.models import Notification
from tests.approvals.factories import (
    EVIDENCE,
    RELEASE,
    VALIDATION,
    open_request,
    person,
    sign,
    story,
)

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = "The card now says for whom it is."
OTHER = {**EVIDENCE, "card": {"text": "For retail loans."}}
ONLY_IF_WARNED = VALIDATION.replace("meaning", "only_if: {warnings: true}, meaning")


def fresh(request):
    return Request.objects.with_steps().get(pk=request.pk)


def returned(request=None, by="rui"):
    request = request or open_request()
    sign(request, by, decision="changes", reason="Say for whom it is.")
    return fresh(request)


def again(request, *, actor="ada", evidence=OTHER, **changes):
    told = fresh(request)
    parts = {"blessing": told.blessing, "changes": ["Card changed."], "answer": ANSWER}
    return rework.begin_round(
        told, actor=person(actor), evidence=evidence, **{**parts, **changes}
    )


def mailed(username, kind):
    return Notification.objects.filter(user=person(username), kind=kind).count()


def test_asking_for_changes_gives_the_request_back():
    request = returned()

    assert (request.state, request.decided_at) == (State.REWORK, None)
    assert mailed("ada", "request_task") == 1


def test_nothing_is_signed_while_changes_are_made():
    request = returned()

    with pytest.raises(Conflict, match="sign when the request is handed in again"):
        sign(request, "rui", step="validation")


def test_handing_in_again_begins_a_round_and_asks_again():
    request = returned()
    before = mailed("rui", "approval_requested")

    again(request)

    found = fresh(request)
    assert (found.state, found.round, found.evidence["card"]) == (
        State.OPEN,
        2,
        {"text": "For retail loans."},
    )
    assert mailed("rui", "approval_requested") == before + 1


def test_who_asked_for_changes_signs_the_next_round():
    request = returned()
    again(request)

    sign(request, "rui")
    sign(request, "bo")

    assert fresh(request).state == State.APPROVED


def test_the_former_account_is_kept_with_what_changed_and_why():
    request = returned()
    first = request.evidence_digest
    again(request)

    [kept] = FormerAccount.objects.filter(request=request)
    assert (kept.round, kept.evidence_digest, kept.evidence) == (1, first, EVIDENCE)
    assert (kept.changes, kept.answer) == (["Card changed."], ANSWER)


def test_an_approval_of_evidence_that_changed_is_stale_and_asked_for_again():
    request = open_request()
    sign(request, "rui")
    sign(request, "bo", decision="changes", reason="Say for whom it is.")
    again(request)

    [validation, _release] = queries.progress(fresh(request))

    assert validation.state == "open"
    assert "Rui signed evidence that has changed since." in validation.sentence
    sign(request, "rui")
    assert fresh(request).current_step.name == "release"


def test_an_approval_of_evidence_that_stayed_counts_on_and_nobody_is_asked_twice():
    request = open_request()
    sign(request, "rui")
    sign(request, "bo", decision="changes", reason="Why this one?")
    before = mailed("rui", "approval_requested")

    again(request, evidence=EVIDENCE, changes=[])

    assert fresh(request).current_step.name == "release"
    assert mailed("rui", "approval_requested") == before


def test_an_open_request_is_handed_in_again_when_its_evidence_changed():
    request = open_request()
    sign(request, "rui")

    again(request)

    assert (fresh(request).round, fresh(request).current_step.name) == (2, "validation")


def test_an_open_request_is_not_handed_in_again_for_nothing():
    request = open_request()

    with pytest.raises(Conflict, match="The evidence is the same as before"):
        again(request, evidence=EVIDENCE)


def test_only_who_asked_hands_in_again():
    with pytest.raises(NotAllowed, match="Ada asked, and hands it in again"):
        again(returned(), actor="rui")


def test_a_decided_request_is_not_handed_in_again():
    request = open_request()
    sign(request, "rui", decision="reject")

    with pytest.raises(Conflict, match="This request is rejected; ask anew"):
        again(request)


def test_an_answer_is_asked_for():
    with pytest.raises(Invalid) as refused:
        again(returned(), answer="ok")

    assert refused.value.field == "answer"


def test_a_step_the_new_evidence_needs_is_added_in_its_place():
    told = story(steps=(ONLY_IF_WARNED, RELEASE))
    request = open_request(told)
    RuleResult.objects.create(
        blessing=told.blessing,
        position=0,
        name="four fifths",
        text="four fifths: ratio(selection_rate, age) at least 0.8 warn",
        severity="warn",
        outcome="fail",
        sentence="The ratio is 0.6.",
    )

    again(request)

    assert [step.name for step in fresh(request).steps.all()] == ["validation", "release"]
    assert fresh(request).route["left_out"] == []


def test_the_time_to_sign_begins_again():
    request = open_request()
    due = fresh(request).due_at
    again(request)

    found = fresh(request)
    assert found.due_at - due == found.round_began_at - found.opened_at
    assert found.steps.last().due == found.due_at


def test_every_round_is_in_the_trail():
    again(returned())

    events = set(Entry.objects.values_list("event", flat=True))
    assert {
        "approvals.request.changes_asked",
        "approvals.request.handed_in_again",
    } <= events


def test_a_second_request_for_the_same_is_refused_while_changes_are_made():
    told = story()
    returned(open_request(told))

    with pytest.raises(Conflict, match="not decided yet"):
        open_request(told)


def test_a_request_with_changes_asked_for_may_be_withdrawn():
    from governance.approvals import services

    request = services.withdraw(returned(), actor=person("ada"), reason="We train anew.")

    assert fresh(request).state == State.WITHDRAWN


@pytest.mark.parametrize(
    "values",
    [{"evidence": {}}, {"evidence_digest": "sha256:0"}, {"evidence_sentence": "Fine."}],
)
def test_the_database_changes_no_account_within_a_round(values):
    request = open_request()

    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Request.objects.filter(pk=request.pk).update(**values)
