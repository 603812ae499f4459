"""Signing: what a vote leaves behind, what it leads to, and everybody who may not."""

import pgtrigger
import pytest
from django.db import IntegrityError, InternalError

from governance.approvals import services, signals
from governance.approvals.models import Request, Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.notifications.models import Notification
from raci import services as raci
from raci.models import Matrix
from registry import services as registry
from tests.approvals.factories import (
    PASSWORD,
    RELEASE,
    VALIDATION,
    open_request,
    person,
    policy,
    sign,
    story,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided():
    """Every decision that the packages above hear of."""
    heard = []

    def approved(request, actor, **_):
        heard.append(("approved", request.state, actor.username))

    def rejected(request, actor, **_):
        heard.append(("rejected", request.state, actor.username))

    signals.request_approved.connect(approved)
    signals.request_rejected.connect(rejected)
    yield heard
    signals.request_approved.disconnect(approved)
    signals.request_rejected.disconnect(rejected)


def fresh(request):
    return Request.objects.get(pk=request.pk)


def told(username, kind):
    return Notification.objects.filter(user__username=username, kind=kind).count()


def refusal():
    """The one refused signature in the trail."""
    return Entry.objects.get(event=Event.VOTED, refused=True)


def test_a_vote_holds_all_a_signature_needs():
    request = open_request()

    vote = sign(request, "rui", reason="Checked on other data.")

    assert (vote.user_name, vote.decision, vote.meaning) == ("Rui", "approve", "validated")
    assert vote.capacity == "Responsible for Validate independently (effective challenge)"
    assert vote.reason == "Checked on other data."
    assert vote.evidence_digest == request.evidence_digest
    assert vote.signed_at is not None


def test_a_vote_is_in_the_trail():
    sign(open_request(), "rui")

    entry = Entry.objects.get(event=Event.VOTED)
    assert entry.data["step"] == "validation"
    assert entry.data["capacity"].startswith("Responsible for")
    assert entry.data["confirmed_with"] == "password"
    assert PASSWORD not in str(entry.data)


def test_the_next_step_is_asked_when_one_is_signed(decided):
    request = open_request()

    sign(request, "rui")

    assert fresh(request).is_open
    assert told("bo", "approval_requested") == 1
    assert decided == []


def test_the_last_signature_approves(decided):
    request = open_request()

    sign(request, "rui")
    sign(request, "bo")

    closed = fresh(request)
    assert (closed.state, closed.closing_reason) == ("approved", "All steps are signed.")
    assert closed.decided_at is not None
    assert decided == [("approved", "approved", "bo")]
    assert Entry.objects.filter(event=Event.REQUEST_APPROVED).count() == 1


def test_everybody_with_a_part_is_told_of_the_end():
    request = open_request(story(OPS=[person("olu")]))

    sign(request, "rui")
    sign(request, "bo")

    assert [told(name, "request_closed") for name in ("ada", "rui", "sam", "olu", "bo")] == [
        1,
        1,
        1,
        1,
        0,
    ]


def test_any_rejection_closes_the_request(decided):
    request = open_request()

    vote = sign(request, "rui", decision="reject", reason="The data is too old.")

    assert vote.meaning == "rejected"
    assert (fresh(request).state, fresh(request).closing_reason) == (
        "rejected",
        "The data is too old.",
    )
    assert decided == [("rejected", "rejected", "rui")]


def test_a_receiver_that_fails_undoes_the_signature():
    def fail(**_):
        raise Conflict("The clearance cannot be granted.")

    request = open_request()
    sign(request, "rui")
    signals.request_approved.connect(fail)
    try:
        with pytest.raises(Conflict):
            sign(request, "bo")
    finally:
        signals.request_approved.disconnect(fail)

    assert fresh(request).is_open
    assert Vote.objects.count() == 1


def test_a_later_step_waits_for_the_earlier():
    request = open_request()

    with pytest.raises(Conflict) as refused:
        sign(request, "bo", step="release")

    assert refused.value.sentence == "This step waits for validation."
    assert refusal().actor_name == "Bo"


def test_nobody_signs_twice():
    request = open_request(story(RV=[person("rui"), person("ray")]))
    sign(request, "rui")

    with pytest.raises(Conflict) as refused:
        sign(request, "rui", step="validation")

    assert refused.value.sentence == "You have decided on this step already."


def test_a_complete_step_takes_no_other_signature():
    request = open_request(story(RV=[person("rui"), person("ray")]))
    sign(request, "rui")

    with pytest.raises(Conflict) as refused:
        sign(request, "ray", step="validation")

    assert refused.value.sentence == "The step validation is complete."


def test_one_person_signs_one_step():
    request = open_request(
        story(RV=[person("rui")], BO=[person("bo"), person("rui")]),
    )
    sign(request, "rui")

    with pytest.raises(NotAllowed) as refused:
        sign(request, "rui")

    assert "one person signs one step" in refused.value.sentence


def test_a_quorum_of_two_needs_both(decided):
    two = VALIDATION.replace("duty: R", "duty: R, quorum: 2")
    request = open_request(story(steps=(two, RELEASE), RV=[person("rui"), person("ray")]))

    sign(request, "rui")
    assert fresh(request).current_step.name == "validation"
    sign(request, "ray")

    assert fresh(request).current_step.name == "release"


def test_the_requester_may_not_sign():
    request = open_request(story(BO=[person("bo"), person("bea")]), actor=person("bea"))
    sign(request, "rui")

    with pytest.raises(NotAllowed) as refused:
        sign(request, "bea")

    assert refused.value.reasons == ("You asked for this approval, so you may not sign it.",)
    assert refusal().data["reasons"] == list(refused.value.reasons)


def test_who_registered_the_version_may_not_sign():
    request = open_request(story(RV=[person("rui"), person("ada")]))

    with pytest.raises(NotAllowed) as refused:
        sign(request, "ada")

    assert "You registered the version, so you may not sign it." in refused.value.reasons


def test_who_handed_in_the_evaluation_may_not_sign():
    eve = person("eve")
    request = open_request(story(RV=[person("rui"), eve], evaluator=eve))

    with pytest.raises(NotAllowed) as refused:
        sign(request, "eve")

    assert refused.value.reasons == ("You handed in the evaluation, so you may not sign it.",)


def test_a_policy_may_let_contributors_sign():
    rules = policy(requester="may vote", contributors="may vote")
    request = open_request(story(rules=rules, RV=[person("ada")]))

    assert sign(request, "ada").meaning == "validated"


@pytest.mark.parametrize("name", ["cy", "sam", "vi"])
def test_a_person_without_the_duty_may_not_sign(name):
    person("vi", "auditor")
    request = open_request()

    with pytest.raises(NotAllowed) as refused:
        sign(request, name)

    assert "You are not Responsible for" in refused.value.sentence
    assert not Vote.objects.exists()


def test_an_administrator_signs_nothing_by_that_right():
    person("root", "administrator")
    request = open_request()

    with pytest.raises(NotAllowed):
        sign(request, "root")


def test_the_duty_counts_at_the_vote_and_not_at_opening():
    request = open_request(story(RV=[person("rui"), person("ray")]))
    matrix = Matrix.objects.get(scope=request.scope)
    holding = matrix.roles.get(code="RV").holders.get(user__username="rui")
    raci.unassign(holding, actor=person("bo"))

    with pytest.raises(NotAllowed):
        sign(request, "rui")


def test_a_duty_given_after_opening_counts():
    request = open_request()
    matrix = Matrix.objects.get(scope=request.scope)
    raci.assign(matrix, "RV", person("ray"), actor=person("bo"))

    assert sign(request, "ray").user_name == "Ray"


def test_nothing_is_signed_on_a_closed_request():
    request = open_request()
    sign(request, "rui", decision="reject")

    with pytest.raises(Conflict) as refused:
        sign(request, "bo", step="release")

    assert refused.value.sentence == "This request is rejected; nothing more can be signed."


def test_nothing_is_signed_on_altered_evidence():
    request = open_request()
    with pgtrigger.ignore("approvals.Request:keep_account"):
        Request.objects.filter(pk=request.pk).update(evidence={"auc": 0.99})

    with pytest.raises(Conflict) as refused:
        sign(request, "rui")

    assert refused.value.code == "evidence_altered"
    assert refusal().data["reasons"] == [refused.value.sentence]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "  fine.  "}, "reason"),
        ({"reason": "x" * 5001}, "reason"),
        ({"decision": "maybe"}, "decision"),
    ],
)
def test_a_vote_that_cannot_be_used_names_the_field(fields, field):
    request = open_request()

    with pytest.raises(Invalid) as refused:
        sign(request, "rui", **fields)

    assert refused.value.field == field


def test_the_database_never_changes_a_vote():
    vote = sign(open_request(), "rui")

    with pytest.raises((InternalError, IntegrityError)):
        Vote.objects.filter(pk=vote.pk).update(decision="reject")


def test_the_database_never_changes_a_decision():
    request = open_request()
    sign(request, "rui", decision="reject")

    with pytest.raises(InternalError):
        Request.objects.filter(pk=request.pk).update(state="open")


def test_the_requester_withdraws():
    request = services.withdraw(
        open_request(), actor=person("ada"), reason="A better one came."
    )

    assert (request.state, request.closing_reason) == ("withdrawn", "A better one came.")
    assert told("rui", "request_closed") == 1


def test_an_administrator_withdraws():
    root = person("root", "administrator")

    assert services.withdraw(open_request(), actor=root, reason="Asked by mistake.").state == (
        "withdrawn"
    )


def test_others_withdraw_nothing():
    request = open_request()

    with pytest.raises(NotAllowed):
        services.withdraw(request, actor=person("bo"), reason="I do not like it.")

    assert fresh(request).is_open
    assert Entry.objects.filter(event=Event.REQUEST_WITHDRAWN, refused=True).count() == 1


def test_a_closed_request_is_not_withdrawn():
    request = open_request()
    sign(request, "rui", decision="reject")

    with pytest.raises(Conflict):
        services.withdraw(request, actor=person("ada"), reason="A better one came.")


def test_after_the_end_the_same_may_be_asked_again():
    case = story()
    services.withdraw(open_request(case), actor=person("ada"), reason="A better one came.")

    assert open_request(case).is_open


def test_advice_is_given_once_and_told():
    request = open_request()
    consultation = request.consultations.get(user__username="sam")

    services.advise(consultation, actor=person("sam"), advice="Mind the young applicants.")

    assert told("ada", "advice_given") == told("rui", "advice_given") == 1
    assert Entry.objects.get(event=Event.ADVISED).data["advice"] == "Mind the young applicants."
    with pytest.raises(Conflict):
        services.advise(consultation, actor=person("sam"), advice="Something else now.")


def test_advice_comes_from_who_was_asked():
    consultation = open_request().consultations.get(user__username="sam")

    with pytest.raises(NotAllowed) as refused:
        services.advise(consultation, actor=person("cy"), advice="Let me help you.")

    assert refused.value.sentence == "Sam is asked for this advice."


def test_advice_comes_before_the_end():
    request = open_request()
    consultation = request.consultations.get(user__username="sam")
    sign(request, "rui", decision="reject")

    with pytest.raises(Conflict):
        services.advise(consultation, actor=person("sam"), advice="Mind the young applicants.")


def test_a_request_of_a_deleted_version_is_withdrawn():
    request = open_request()

    registry.delete_version(request.version, actor=person("root", "administrator"))

    assert (fresh(request).state, fresh(request).closing_reason) == (
        "withdrawn",
        "The version was deleted.",
    )
