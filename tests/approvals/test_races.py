"""Acts at the same moment, in real transactions on real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from governance.accounts.authentication import MOST_FAILURES
from governance.approvals import services, signals
from governance.approvals.models import Request, Vote
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, GovernanceError
from governance.notifications.models import Notification
from tests.approvals.factories import (
    PASSWORD,
    REASON,
    RELEASE,
    VALIDATION,
    open_request,
    person,
    sign,
    story,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Runs every act in a thread of its own, together; returns what each gave or raised."""
    barrier = Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(timeout=20)
            return act()
        except GovernanceError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def voting(step, username, decision="approve", password=PASSWORD):
    actor = person(username)
    return lambda: services.vote(
        step, actor=actor, decision=decision, reason=REASON, password=password
    )


@pytest.fixture
def approvals():
    heard = []

    def listen(request, **_):
        heard.append(request.pk)

    signals.request_approved.connect(listen)
    yield heard
    signals.request_approved.disconnect(listen)


def two_validators():
    two = VALIDATION.replace("duty: R", "duty: R, quorum: 2")
    return story(steps=(two,), RV=[person("rui"), person("ray")])


def test_two_last_votes_approve_once(approvals):
    request = open_request(two_validators())
    step = request.steps.get()

    results = at_once(voting(step, "rui"), voting(step, "ray"))

    assert all(isinstance(result, Vote) for result in results)
    assert Request.objects.get().state == "approved"
    assert approvals == [request.pk]
    assert Entry.objects.filter(event=Event.REQUEST_APPROVED).count() == 1
    assert Notification.objects.filter(kind="request_closed", user__username="ada").count() == 1


def test_two_votes_for_one_seat_leave_one():
    request = open_request(story(RV=[person("rui"), person("ray")]))
    step = request.steps.get(name="validation")

    results = at_once(voting(step, "rui"), voting(step, "ray"))

    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Vote"]
    assert Request.objects.get().is_open


def test_one_person_at_two_screens_signs_once():
    request = open_request(story(RV=[person("rui")]))
    step = request.steps.get(name="validation")

    results = at_once(*[voting(step, "rui") for _ in range(4)])

    assert Vote.objects.count() == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert Entry.objects.filter(event=Event.VOTED, refused=True).count() == 3


def test_approval_and_rejection_at_once_leave_one_end(approvals):
    request = open_request(story(steps=(VALIDATION,), RV=[person("rui"), person("ray")]))
    step = request.steps.get()

    results = at_once(voting(step, "rui"), voting(step, "ray", "reject"))

    closed = Request.objects.get()
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Vote"]
    assert closed.state in ("approved", "rejected")
    assert len(approvals) == (closed.state == "approved")


def test_the_last_vote_and_a_withdrawal_at_once_leave_one_end(approvals):
    request = open_request(story(steps=(VALIDATION,)))
    ada = person("ada")

    at_once(
        voting(request.steps.get(), "rui"),
        lambda: services.withdraw(request, actor=ada, reason="A better one came."),
    )

    closed = Request.objects.get()
    assert closed.state in ("approved", "withdrawn")
    assert Vote.objects.count() == len(approvals) == (closed.state == "approved")


def test_the_same_asked_twice_at_once_is_one_request():
    case = story(steps=(VALIDATION, RELEASE))
    ada = person("ada")

    results = at_once(*[lambda: open_request(case, actor=ada) for _ in range(3)])

    assert Request.objects.count() == 1
    assert sum(isinstance(result, Conflict) for result in results) == 2


def test_many_wrong_passwords_at_once_do_not_pass_the_limit():
    request = open_request()
    step = request.steps.get(name="validation")

    at_once(*[voting(step, "rui", password=f"guess {n}") for n in range(10)])

    wrong = Entry.objects.filter(event=Event.VOTED, data__code="wrong_password")
    assert wrong.count() == MOST_FAILURES
    with pytest.raises(GovernanceError, match="wrong passwords"):
        sign(request, "rui")
