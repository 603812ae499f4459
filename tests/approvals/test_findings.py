"""Approvals on conditions: set with the signature, reported, closed or opened again; overdue they count."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from governance.approvals import findings
from governance.approvals.findings import Condition
from governance.approvals.models import Finding
from governance.audit.models import Entry
from governance.errors import Conflict, Invalid, NotAllowed
from governance.notifications.models import Notification
from tests.approvals.factories import open_request, person, sign

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "Watch the young borrowers for a quarter."
REPORT = "A dashboard for them is up."


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def condition(owner="ada", days=30, text=TEXT):
    return Condition(text, owner, in_days(days))


def on_condition(**changes):
    vote = sign(open_request(), "rui", conditions=[condition(**changes)])
    return vote.findings.get()


def test_an_approval_on_a_condition_counts_and_its_owner_is_told():
    found = on_condition()

    assert (found.text, found.owner.username, found.state) == (TEXT, "ada", "todo")
    assert found.vote.is_approval
    assert Notification.objects.filter(user=person("ada"), kind="request_task").exists()


def test_the_condition_stands_in_the_trail_beside_the_signature():
    on_condition()

    signed = Entry.objects.get(event="approvals.voted")
    assert [one["text"] for one in signed.data["conditions"]] == [TEXT]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"owner": "nobody"}, "nobody is nobody who sees this request"),
        ({"owner": "cy"}, "cy is nobody who sees this request"),
        ({"days": -1}, "is due between today and"),
        ({"days": 800}, "is due between today and"),
        ({"text": "Soon"}, "Write 10 to 1000 characters"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused_and_nothing_signed(changes, sentence):
    person("cy")
    request = open_request()

    with pytest.raises(Invalid, match=sentence) as refused:
        sign(request, "rui", conditions=[condition(**changes)])

    assert refused.value.field == "conditions"
    assert not request.steps.first().votes.exists()


def test_only_an_approval_has_conditions():
    with pytest.raises(Invalid, match="Only an approval has conditions"):
        sign(open_request(), "rui", decision="reject", conditions=[condition()])


def test_its_owner_reports_it_done_and_who_set_it_closes_it():
    found = on_condition()

    findings.report(found, actor=person("ada"), report=REPORT)
    assert Finding.objects.get().state == "reported"
    findings.close(found, actor=person("rui"))

    assert Finding.objects.get().state == "done"


def test_who_set_it_opens_it_again():
    found = on_condition()
    findings.report(found, actor=person("ada"), report=REPORT)

    findings.reopen(found, actor=person("rui"), reason="The dashboard is empty.")

    assert Finding.objects.get().state == "todo"


@pytest.mark.parametrize(
    ("act", "actor", "error", "sentence"),
    [
        ("report", "bo", NotAllowed, "Ada sees to this condition"),
        ("close", "ada", NotAllowed, "Rui set this condition"),
        ("close", "rui", Conflict, "Ada has not reported this condition done yet"),
    ],
)
def test_others_and_others_moments_are_refused(act, actor, error, sentence):
    more = {"report": REPORT} if act == "report" else {}

    with pytest.raises(error, match=sentence):
        getattr(findings, act)(on_condition(), actor=person(actor), **more)


def test_what_is_closed_stays_closed():
    found = on_condition()
    findings.report(found, actor=person("ada"), report=REPORT)
    findings.close(found, actor=person("rui"))

    with pytest.raises(Conflict, match="This condition is closed"):
        findings.report(found, actor=person("ada"), report=REPORT)


def test_it_is_overdue_the_day_after_its_last_unless_reported(monkeypatch):
    found = on_condition(days=1)
    after = in_days(2)
    monkeypatch.setattr(timezone, "localdate", lambda: date(after.year, after.month, after.day))

    assert list(Finding.objects.overdue()) == [found]
    findings.report(found, actor=person("ada"), report=REPORT)
    assert not Finding.objects.overdue().exists()
