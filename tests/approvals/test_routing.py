"""To whom a step goes when people are away, and what the page of a request says of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals import queries
from governance.approvals.models import Request
from governance.notifications.models import Notification
from raci import holding
from tests.approvals.factories import open_request, person, sign, story
from tests.approvals.test_separation import away

pytestmark = pytest.mark.django_db


def open_step(request):
    return next(one for one in queries.progress(request) if one.state == "open")


def asked(name, request):
    rows = Notification.objects.filter(user__username=name, kind="approval_requested")
    return rows.filter(subject_id=str(request.pk)).exists()


def test_the_page_says_that_a_step_went_to_the_deputy():
    away("rui", "cy")
    request = open_request(story())

    step = open_step(request)

    assert step.sentence == "To be signed by Cy, as deputy of Rui."
    assert step.notes == ("Rui is away, so it went to Cy.",)
    assert asked("cy", request) and not asked("rui", request)
    assert [one.capacity for one in queries.awaiting(person("cy"))] == [
        "Responsible for Validate independently (effective challenge), as deputy of Rui"
    ]


def test_what_is_open_goes_to_the_deputy_when_somebody_leaves_for_a_while_and_comes_back():
    request = open_request()
    away("rui", "cy")
    assert [one.username for one in open_step(request).voters] == ["cy"]

    holding.end_absence(person("rui").raci_absences.get(), actor=person("rui"))

    assert [one.username for one in open_step(request).voters] == ["rui"]
    assert queries.awaiting(person("cy")) == []


def test_without_a_deputy_the_page_says_who_may_name_one():
    rui = person("rui")
    until = timezone.now() + timedelta(days=3)
    holding.enter_absence(rui, actor=rui, until=until)
    request = open_request(story())

    step = open_step(request)

    day = timezone.localtime(until)
    assert step.sentence == "To be signed by Rui."
    assert step.notes == (
        f"Rui is away until {day.day} {day:%B %Y} and has no deputy who is there; Rui, an "
        "administrator or whoever may change the RACI matrix may name one.",
    )


def test_when_all_are_kept_apart_the_page_says_who_and_why():
    told = story(RV=[person("rui"), person("ada")], OPS=[person("olu")])
    request = open_request(told, actor=person("olu"))
    User.objects.filter(username="rui").update(is_active=False)

    step = open_step(request)

    assert step.sentence == "Nobody may sign this step now: name somebody in the RACI matrix."
    assert step.notes == ("Ada registered the version.",)


def test_an_approver_deactivated_midway_signs_nothing_and_a_deputy_takes_over():
    request = open_request(story(RV=[person("rui")]))
    rui = person("rui")
    holding.name_deputy(rui, person("cy"), actor=rui)
    User.objects.filter(username="rui").update(is_active=False)

    step = open_step(Request.objects.get(pk=request.pk))

    assert step.sentence == "To be signed by Cy, as deputy of Rui."
    assert sign(request, "cy").stands_for == rui
