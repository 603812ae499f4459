"""What waits for whom, and how far a request is; the queries do not grow with the rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.approvals import queries, services
from governance.approvals.models import Request
from raci import services as raci
from raci.models import Matrix
from tests.approvals.factories import (
    RELEASE,
    VALIDATION,
    open_request,
    person,
    policy,
    sign,
    story,
)

pytestmark = pytest.mark.django_db


def waiting(username):
    """What the person may sign at once."""
    found = queries.awaiting(person(username))
    return [(str(one.request), one.step.name) for one in found if not one.waiting_for]


def states(request):
    return [(one.step.name, one.state, one.sentence) for one in queries.progress(request)]


def test_the_open_step_waits_for_who_may_sign_it():
    request = open_request()

    assert waiting("rui") == [("credit-scoring v1 for champion", "validation")]
    assert waiting("bo") == []

    sign(request, "rui")

    assert waiting("rui") == []
    assert waiting("bo") == [("credit-scoring v1 for champion", "release")]


def test_a_later_step_is_announced_with_what_it_waits_for():
    open_request()

    [one] = queries.awaiting(person("bo"))

    assert (one.step.name, one.waiting_for) == ("release", "validation")


def test_what_may_be_signed_now_comes_before_what_waits():
    open_request(story("first"))
    sign(open_request(story("second")), "rui")

    found = queries.awaiting(person("bo"))

    assert [(one.request.version.model.name, one.waiting_for) for one in found] == [
        ("second-scoring", ""),
        ("first-scoring", "validation"),
    ]


def test_what_waits_says_why_it_is_mine():
    request = open_request()
    sign(request, "rui")

    [one] = queries.awaiting(person("bo"))

    assert one.capacity == "Accountable for Approve or reject the release"


@pytest.mark.parametrize("name", ["ada", "sam", "cy"])
def test_nothing_waits_for_others(name):
    open_request(story(RV=[person("rui"), person("ada")]))

    assert waiting(name) == []


def test_nothing_waits_once_it_is_closed():
    request = open_request()
    sign(request, "rui", decision="reject")

    assert waiting("rui") == waiting("bo") == []


def test_the_most_urgent_comes_first():
    slow = RELEASE.replace("5 days", "9 days")
    open_request(story("slow", steps=(VALIDATION, slow)))
    open_request(story("fast"))

    assert [label for label, _step in waiting("rui")] == [
        "fast-scoring v1 for champion",
        "slow-scoring v1 for champion",
    ]


def test_awaiting_takes_the_same_queries_for_one_request_and_for_three():
    rui = person("rui")
    open_request(story("case0"))
    queries.awaiting(rui)
    with CaptureQueriesContext(
        connection,
    ) as few:
        queries.awaiting(rui)
    for number in (1, 2):
        open_request(story(f"case{number}"))

    with CaptureQueriesContext(connection) as many:
        found = queries.awaiting(rui)

    assert len(found) == 3
    assert len(few) == len(many) <= 8


def test_advice_is_wanted_until_it_is_given():
    sam = person("sam")
    open_request()
    [consultation] = queries.advice_wanted(sam)

    services.advise(consultation, actor=sam, advice="Mind the young applicants.")

    assert not queries.advice_wanted(sam).exists()


def test_no_advice_is_wanted_on_a_closed_request():
    sign(open_request(), "rui", decision="reject")

    assert not queries.advice_wanted(person("sam")).exists()


def test_progress_says_who_signs_next():
    assert states(open_request(story(RV=[person("rui"), person("ray")]))) == [
        ("validation", "open", "To be signed by Rui or Ray."),
        ("release", "waiting", "Waiting for validation."),
    ]


def test_progress_says_who_has_signed():
    request = open_request()
    sign(request, "rui")

    assert states(request) == [
        ("validation", "done", "Signed by Rui."),
        ("release", "open", "To be signed by Bo."),
    ]


def test_progress_says_who_rejected():
    request = open_request()
    sign(request, "rui", decision="reject")

    assert states(request) == [
        ("validation", "rejected", "Rejected by Rui."),
        ("release", "closed", "Not signed before the request was closed."),
    ]


def test_progress_names_the_gap_when_the_last_voter_leaves():
    request = open_request()
    matrix = Matrix.objects.get(scope=request.scope)
    raci.unassign(matrix.roles.get(code="RV").holders.get(), actor=person("bo"))

    assert states(request)[0][2] == (
        "Nobody may sign this step now: name somebody in the RACI matrix."
    )


def test_the_screen_asks_the_rule_that_the_vote_enforces():
    request = open_request()
    validation = request.steps.get(name="validation")

    assert queries.vote_refusals(validation, person("rui")) == []
    assert queries.vote_refusals(validation, person("bo")) == [
        "You are not Responsible for “Validate independently (effective challenge)” in Credit."
    ]
    assert queries.vote_refusals(request.steps.get(name="release"), person("bo")) == [
        "This step waits for validation."
    ]


def test_the_capacity_is_the_strongest_duty_over_the_steps():
    request = open_request(story(RV=[person("rui")]))

    assert queries.capacity_of(request, person("rui")) == (
        "Accountable and Responsible for Validate independently (effective challenge)"
    )
    assert queries.capacity_of(request, person("cy")) == ""


@pytest.mark.parametrize(
    ("name", "group", "sees"),
    [("rui", None, True), ("ada", None, True), ("cy", None, False), ("vi", "auditor", True)],
)
def test_requests_are_seen_by_those_who_see_the_model(name, group, sees):
    open_request(story(rules=policy()))

    reader = person(name, group) if group else person(name)

    assert Request.objects.visible_to(reader).exists() is sees
