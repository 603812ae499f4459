"""Who has a conflict of interest keeps out: counted as nobody's signature, and told when nobody is left."""

import pytest

from governance.approvals import queries, services
from governance.approvals.models import Request
from governance.approvals.transitions import State
from governance.errors import Conflict, Invalid
from governance.notifications.models import Notification
from tests.approvals.factories import open_request, person, sign, story

pytestmark = pytest.mark.django_db(transaction=True)

CONFLICT = "My brother wrote this model."


def fresh(request):
    return Request.objects.with_steps().get(pk=request.pk)


def two_validators():
    return open_request(story(RV=[person("rui"), person("ray")]))


def test_another_signs_when_one_abstains():
    request = two_validators()

    sign(request, "rui", decision="abstain", reason=CONFLICT)
    sign(request, "ray")

    assert fresh(request).current_step.name == "release"


def test_who_abstained_signs_no_more():
    request = two_validators()
    sign(request, "rui", decision="abstain", reason=CONFLICT)

    with pytest.raises(Conflict, match="You have decided on this step already"):
        sign(request, "rui")


def test_an_abstention_is_no_approval_and_no_rejection():
    request = two_validators()

    sign(request, "rui", decision="abstain", reason=CONFLICT)

    assert fresh(request).state == State.OPEN
    assert fresh(request).steps.first().approvals == []


def test_when_nobody_is_left_those_who_can_help_are_told():
    request = open_request()

    sign(request, "rui", decision="abstain", reason=CONFLICT)

    told = Notification.objects.filter(kind="request_task").values_list(
        "user__username", flat=True
    )
    assert "ada" in told
    [validation, _release] = queries.progress(fresh(request))
    assert "Nobody may sign this step now" in validation.sentence


def test_an_unknown_decision_is_refused_with_the_known_ones():
    request = open_request()

    with pytest.raises(Invalid, match="to ask for changes or to abstain"):
        services.vote(
            request.current_step,
            actor=person("rui"),
            decision="perhaps",
            reason=CONFLICT,
            password="x",
        )
