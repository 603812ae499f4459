"""Reminders: who is reminded when, each time once, also after a downtime and by two workers at once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.approvals import findings, reminders, rework, services
from governance.approvals.findings import Condition
from governance.approvals.models import Reminder
from governance.notifications import services as notifications
from governance.notifications.models import Notification
from raci import holding
from tests.approvals.factories import (
    EVIDENCE,
    RELEASE,
    VALIDATION,
    open_request,
    person,
    sign,
    story,
)
from tests.approvals.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALONE = RELEASE.replace("5 days", "10 days")


def asked(*steps, **more):
    """A request for Bo's signature alone, due in ten days."""
    return open_request(story(steps=steps or (ALONE,), **more))


def titles(username):
    """What the person was told, but for what they are asked to advise."""
    found = Notification.objects.filter(user__username=username).order_by("pk")
    told = [one.title.partition(":")[0] for one in found]
    return (
        told if username == "sam" else [one for one in told if "your advice" not in one.lower()]
    )


def marks(**of):
    return list(Reminder.objects.filter(**of).values_list("mark", flat=True))


def step_marks(request):
    return marks(request=request, step__isnull=False)


def send(request, after):
    return reminders.send_reminders(request.opened_at + after)


def test_nobody_is_reminded_before_half_the_time_has_passed():
    request = asked()

    send(request, timedelta(hours=1))

    assert not step_marks(request)


def test_who_may_sign_is_reminded_half_way_and_a_working_day_before_and_when_it_is_overdue():
    request = asked()

    for day in range(12):
        send(request, day * DAY + HOUR)

    assert step_marks(request) == ["half-way", "1 working day before", "overdue"]
    assert titles("bo") == [
        "To sign",
        "Reminder, to sign",
        "Reminder, to sign",
        "Overdue, to sign",
    ]


def test_after_a_downtime_only_the_newest_is_sent_and_none_before_it_later():
    request = asked()

    send(request, 20 * DAY)
    send(request, 20 * DAY)
    send(request, 6 * DAY)

    assert step_marks(request)[0] == "overdue"
    assert titles("bo")[:2] == ["To sign", "Overdue, to sign"]
    assert len(step_marks(request)) <= 2


def test_two_workers_send_it_once():
    request = asked()
    moment = request.opened_at + 6 * DAY

    sent = at_once(*[lambda: reminders.send_reminders(moment)] * 3)

    assert sum(sent) == Reminder.objects.count()
    assert step_marks(request) == ["half-way"]
    assert titles("bo").count("Reminder, to sign") == 1


def test_who_has_signed_is_not_reminded():
    request = asked(
        ALONE.replace("meaning", "quorum: 2, meaning"), BO=[person("bo"), person("bea")]
    )
    sign(request, "bo")

    send(request, 6 * DAY)

    assert titles("bea") == ["To sign", "Reminder, to sign"]
    assert "Reminder, to sign" not in titles("bo")


def test_a_step_that_waits_for_another_reminds_nobody():
    request = asked(VALIDATION.replace("validated", "validated, due_in: 4 days"), ALONE)

    send(request, 3 * DAY)

    assert titles("rui") == ["To sign", "Reminder, to sign"]
    assert titles("bo") == []


def test_a_deputy_is_reminded_of_what_came_to_them():
    bo, bea = person("bo"), person("bea")
    request = asked()
    holding.name_deputy(bo, bea, actor=bo)
    holding.enter_absence(bo, actor=bo)

    send(request, 6 * DAY)

    [told] = Notification.objects.filter(user=bea, kind="approval_requested")
    assert "as deputy of Bo" in told.capacity
    assert titles("bo") == ["To sign"]


def test_nobody_who_is_kept_apart_is_reminded():
    request = asked(BO=[person("bo"), person("ada")])

    send(request, 6 * DAY)

    assert "Reminder, to sign" in titles("bo")
    assert "Reminder, to sign" not in titles("ada")


def test_where_the_only_signer_was_deactivated_who_can_help_is_told():
    request = asked(VALIDATION.replace("validated", "validated, due_in: 4 days"), ALONE)
    rui = person("rui")
    rui.is_active = False
    rui.save(update_fields=["is_active"])

    send(request, 3 * DAY)

    assert titles("rui") == ["To sign"]
    assert "Nobody left to sign" in titles("ada")


def test_who_is_asked_for_advice_is_reminded_until_it_is_given():
    request = asked()
    consultation = request.consultations.get(user__username="sam")

    send(request, 1.6 * DAY)
    services.advise(consultation, actor=person("sam"), advice="Mind the young applicants.")
    send(request, 4 * DAY)

    assert titles("sam")[:2] == ["Your advice", "Reminder, your advice"]
    assert "Overdue, your advice" not in titles("sam")


def test_the_owner_of_a_condition_is_reminded_until_it_is_reported():
    due_on = timezone.localdate() + 40 * DAY
    vote = sign(asked(), "bo", conditions=[Condition("Watch the young.", "ada", due_on)])
    finding = vote.findings.get()

    reminders.send_reminders(timezone.now() + 25 * DAY)
    findings.report(finding, actor=person("ada"), report="A dashboard is up.")
    reminders.send_reminders(timezone.now() + 60 * DAY)

    assert marks(finding=finding) == ["half-way"]
    assert "Reminder, to do" in titles("ada")


def test_who_asked_is_reminded_of_changes_before_the_request_ends():
    request = asked()
    sign(request, "bo", decision="changes")

    send(request, 15 * DAY)

    assert marks(step=None, consultation=None, finding=None) == ["half-way"]
    assert "Reminder" in titles("ada")


def test_a_new_round_reminds_again():
    request = asked()
    send(request, 6 * DAY)
    sign(request, "bo", decision="changes")
    rework.begin_round(
        request,
        actor=person("ada"),
        evidence={**EVIDENCE, "n": 500},
        blessing=request.blessing,
        changes=["More rows."],
        answer="There are more rows now.",
    )

    send(request, 6 * DAY)

    assert list(Reminder.objects.exclude(step=None).values_list("round", "mark")) == [
        (1, "half-way"),
        (2, "half-way"),
    ]


def test_postgresql_keeps_reminders_as_they_are():
    send(asked(), 6 * DAY)

    with pytest.raises(DatabaseError), transaction.atomic():
        Reminder.objects.update(mark="never")


def test_the_calendar_entry_of_a_condition_is_its_own_and_cancelled_when_it_is_closed():
    due_on = timezone.localdate() + 40 * DAY
    vote = sign(asked(), "bo", conditions=[Condition("Watch the young.", "ada", due_on)])
    finding = vote.findings.get()
    notifications.send_waiting()
    findings.report(finding, actor=person("ada"), report="A dashboard is up.")
    findings.close(finding, actor=person("bo"))
    notifications.send_waiting()

    set_, closed = [entry(one) for one in mail.outbox if entry(one) and is_of(one, "Ada")]

    uid = f"UID:approvals.finding.{finding.pk}."
    assert uid in set_ and "STATUS:CONFIRMED" in set_
    assert uid in closed and "STATUS:CANCELLED" in closed


def is_of(message, name):
    return message.to[0].startswith(name) and "approvals.finding" in entry(message)


def entry(message):
    """The calendar file of a mail, unfolded; empty without one."""
    files = [one for one in message.attachments if str(one[0]).endswith(".ics")]
    return files[0][1].replace("\r\n ", "") if files else ""
