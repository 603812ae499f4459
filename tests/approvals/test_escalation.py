"""What is overdue goes on: to whom, when, in which order, and never twice."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from governance.approvals import escalation, queries
from governance.approvals.models import Escalation, Request
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.dashboards.my_work import my_work
from governance.notifications.models import Notification
from raci import holding
from tests.approvals.factories import RELEASE, VALIDATION, open_request, person, sign, story
from tests.approvals.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
WHILE = 4 * DAY  # one working day passes in it, whatever the weekend
CHECKED = VALIDATION.replace("meaning", "due_in: 4 days, meaning")


def asked(*steps, **more):
    """A request whose validation by Rui is due in four days."""
    return open_request(story(steps=steps or (CHECKED, RELEASE), **more))


def late(request, times=1):
    """A moment when the first step has been overdue for so many whiles."""
    return request.opened_at + 4 * DAY + times * WHILE


def escalate(request, times=1):
    for one in range(1, times + 1):
        escalation.escalate_overdue(late(request, one))


def went_to():
    return list(Escalation.objects.values_list("level", "user__username"))


def test_an_overdue_step_goes_on_after_a_while_and_not_before():
    request = asked()

    assert escalation.escalate_overdue(request.opened_at + 4 * DAY + timedelta(hours=1)) == 0
    assert escalation.escalate_overdue(late(request)) == 1


def test_it_goes_to_who_is_accountable_for_the_activity():
    mo = person("mo")
    request = asked(
        CHECKED.replace("independent_validation", "run_blessing"),
        RELEASE,
        MO=[mo],
        MLE=[person("eva")],
    )

    escalate(request)

    assert went_to() == [(1, "mo")]


def test_who_signs_late_is_not_told_of_their_own_delay():
    request = asked(RELEASE.replace("5 days", "4 days"))

    escalate(request, times=4)

    assert "bo" not in [name for _level, name in went_to()]


def test_it_goes_on_to_the_deputy_although_nobody_entered_an_absence():
    bo, bea = person("bo"), person("bea")
    request = asked(RELEASE.replace("5 days", "4 days"))
    holding.name_deputy(bo, bea, actor=bo)

    escalate(request)

    assert went_to() == [(2, "bea")]
    assert Escalation.objects.get().capacity.startswith("deputy of Bo, Accountable for ")
    assert Request.objects.visible_to(bea).exists()


def test_silent_for_another_while_it_goes_on_until_who_asked_is_told():
    request = asked()

    escalate(request, times=8)

    levels = [level for level, _name in went_to()]
    assert levels == sorted(levels)
    assert went_to()[-1] == (4, "ada")
    assert len({name for _level, name in went_to()}) == len(went_to())


def test_who_is_kept_apart_is_told_and_it_goes_on_past_them():
    ada, bo = person("ada"), person("bo")
    request = asked(RELEASE.replace("5 days", "4 days"))
    holding.name_deputy(bo, ada, actor=bo)

    escalate(request)

    rows = {one.user.username: one for one in Escalation.objects.all()}
    assert rows["ada"].kept_apart.startswith("asked for this approval")
    assert not escalation.asked_of(ada).exists()
    told = Notification.objects.filter(user=ada, title__startswith="Overdue").get()
    assert "You are told and not asked, because you " in told.line


def test_everybody_is_told_why_and_it_stands_in_the_trail_and_beside_the_step():
    request = asked()

    escalate(request)

    gone = Escalation.objects.first()
    told = Notification.objects.get(user=gone.user, title__startswith="Overdue")
    assert "It waits for Rui." in told.line
    assert gone.capacity in told.capacity
    entry = Entry.objects.filter(event=Event.ESCALATED).latest("pk")
    assert entry.data["people"] == [gone.user_name]
    [step, _later] = queries.progress(Request.objects.get(pk=request.pk))
    assert any(one.startswith(f"Escalated to {gone.user_name}, ") for one in step.notes)


def test_it_stands_in_the_work_of_who_was_asked_until_the_step_is_signed():
    request = asked()
    escalate(request)
    user = Escalation.objects.first().user

    assert [one.title for one in my_work(user).to_do].count(f"Overdue: {request}") == 1
    sign(request, "rui")
    assert f"Overdue: {request}" not in [one.title for one in my_work(user).to_do]


def test_two_workers_escalate_once():
    request = asked()
    moment = late(request)

    assert sum(at_once(*[lambda: escalation.escalate_overdue(moment)] * 3)) == 1
    assert Entry.objects.filter(event=Event.ESCALATED).count() == 1


def test_with_everybody_away_and_no_deputies_it_still_reaches_somebody():
    for name in ("rui", "bo", "ada", "sam"):
        one = person(name)
        holding.enter_absence(one, actor=one)
    request = asked()

    escalate(request)

    assert went_to()


def test_a_signer_deactivated_meanwhile_is_named_no_more():
    request = asked()
    rui = person("rui")
    rui.is_active = False
    rui.save(update_fields=["is_active"])

    escalate(request, times=2)

    told = Notification.objects.filter(title__startswith="Overdue").first()
    assert "Nobody may sign it now." in told.line
    assert "rui" not in [name for _level, name in went_to()]


def test_a_step_that_opened_late_has_a_while_of_its_own():
    request = asked(CHECKED, RELEASE.replace("5 days", "1 days"))
    sign(request, "rui")
    request = Request.objects.with_steps().get(pk=request.pk)
    [release] = request.open_steps
    release.request.round_began_at = request.opened_at

    assert escalation.times.escalates_at(request, release) > release.due


def test_postgresql_keeps_escalations_as_they_are():
    escalate(asked())

    with pytest.raises(DatabaseError), transaction.atomic():
        Escalation.objects.update(level=9)
