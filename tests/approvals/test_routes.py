"""The way of a request through its steps: stages, quorum, veto, conditions; told and mailed as it is."""

import pytest

from governance.approvals import queries
from governance.approvals.models import Request
from governance.approvals.opening import ChangeSize
from governance.approvals.transitions import State
from governance.blessing.models import RuleResult
from governance.errors import Conflict
from governance.notifications.models import Notification
from tests.approvals.factories import RELEASE, VALIDATION, open_request, person, sign, story

pytestmark = pytest.mark.django_db(transaction=True)

SECURITY = (
    "{step: security, activity: approve_release, duty: A, meaning: checked, parallel: true}"
)
TWO_OF_THREE = VALIDATION.replace("meaning", "quorum: 2, veto: false, meaning")
ONLY_IF_WARNED = VALIDATION.replace("meaning", "only_if: {warnings: true}, meaning")
ONLY_IF_MAJOR = VALIDATION.replace("meaning", "only_if: {change: major}, meaning")
MINOR = "minor_change: {unchanged: [artifact]}"


def fresh(request):
    return Request.objects.with_steps().get(pk=request.pk)


def open_names(request):
    return [step.name for step in fresh(request).open_steps]


def told_to_sign(username):
    return Notification.objects.filter(user=person(username), kind="approval_requested").count()


def three_validators():
    return [person(name) for name in ("rui", "ray", "ron")]


def beside():
    return story(steps=(VALIDATION, SECURITY, RELEASE), BO=[person("bo"), person("bea")])


def test_parallel_steps_are_open_together_and_their_people_asked_at_once():
    request = open_request(beside())

    assert open_names(request) == ["validation", "security"]
    assert (told_to_sign("rui"), told_to_sign("bo")) == (1, 1)


def test_parallel_steps_are_signed_in_any_order_and_the_next_stage_waits_for_both():
    request = open_request(beside())

    sign(request, "bea", step="security")
    assert open_names(request) == ["validation"]
    with pytest.raises(Conflict, match="This step waits for validation"):
        sign(request, "bo", step="release")
    sign(request, "rui", step="validation")

    assert open_names(request) == ["release"]
    sign(request, "bo", step="release")
    assert fresh(request).state == State.APPROVED


def test_a_waiting_step_names_all_it_waits_for():
    request = open_request(beside())

    [*_, release] = queries.progress(request)

    assert release.sentence == "Waiting for validation and security."


def test_the_next_stage_is_mailed_once_when_it_opens():
    request = open_request(beside())
    before = told_to_sign("bo")

    sign(request, "bea", step="security")
    assert told_to_sign("bo") == before
    sign(request, "rui", step="validation")

    assert told_to_sign("bo") == before + 1


def test_two_of_three_sign():
    request = open_request(story(steps=(TWO_OF_THREE, RELEASE), RV=three_validators()))

    sign(request, "rui", step="validation")
    [validation, _release] = queries.progress(request)
    assert validation.sentence == "1 of 2 signatures. To be signed by Ray or Ron."
    sign(request, "ray", step="validation")

    assert open_names(request) == ["release"]


def test_without_veto_one_rejection_ends_nothing_while_the_quorum_is_in_reach():
    request = open_request(story(steps=(TWO_OF_THREE, RELEASE), RV=three_validators()))

    sign(request, "rui", step="validation", decision="reject")
    [validation, _release] = queries.progress(request)

    assert fresh(request).state == State.OPEN
    assert "Rejected by Rui, which ends nothing yet." in validation.sentence
    sign(request, "ray", step="validation")
    sign(request, "ron", step="validation")
    assert open_names(request) == ["release"]


def test_without_veto_the_request_ends_when_the_quorum_is_out_of_reach():
    request = open_request(story(steps=(TWO_OF_THREE, RELEASE), RV=three_validators()))

    sign(request, "rui", step="validation", decision="reject")
    sign(request, "ray", step="validation", decision="reject")

    assert fresh(request).state == State.REJECTED


def test_with_veto_one_rejection_ends_it_whatever_the_quorum():
    step = VALIDATION.replace("meaning", "quorum: 2, meaning")
    request = open_request(story(steps=(step, RELEASE), RV=three_validators()))

    sign(request, "rui", step="validation", decision="reject")

    assert fresh(request).state == State.REJECTED


def test_a_step_for_warnings_is_left_out_without_one_and_the_request_says_so():
    request = open_request(story(steps=(ONLY_IF_WARNED, RELEASE)))

    assert open_names(request) == ["release"]
    assert fresh(request).route["left_out"] == [
        {"step": "validation", "because": "No rule warns."}
    ]


def test_a_step_for_warnings_is_asked_for_when_a_rule_warns():
    told = story(steps=(ONLY_IF_WARNED, RELEASE))
    RuleResult.objects.create(
        blessing=told.blessing,
        position=0,
        name="four fifths",
        text="four fifths: ratio(selection_rate, age) at least 0.8 warn",
        severity="warn",
        outcome="fail",
        sentence="The ratio is 0.6.",
    )

    assert open_names(open_request(told)) == ["validation"]


def test_nobody_is_missed_for_a_step_that_is_left_out():
    """The step's duty has nobody, and the request is opened all the same."""
    request = open_request(story(steps=(ONLY_IF_WARNED, RELEASE), RV=[]))

    assert open_names(request) == ["release"]


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (ChangeSize(False, "Major: the artifact changed."), "validation"),
        (ChangeSize(True, "Minor: artifact as in v1."), "release"),
    ],
)
def test_a_minor_change_takes_the_short_way(change, first):
    told = story(steps=(ONLY_IF_MAJOR, RELEASE + f"\n{MINOR}"))

    request = open_request(told, change=change)

    assert open_names(request) == [first]
    assert fresh(request).route["change"] == change.sentence
