"""Requests end some time after they were due, or when changes do not come."""

from datetime import timedelta

import pytest

from governance.approvals import escalation, expiry
from governance.approvals.models import Request
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict
from governance.notifications.models import Notification
from tests.approvals.factories import open_request, sign

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def fresh(request):
    return Request.objects.get(pk=request.pk)


def told(username, kind):
    return Notification.objects.filter(user__username=username, kind=kind).count()


def test_an_overdue_request_stays_open_for_who_it_goes_on_to():
    request = open_request()

    assert expiry.expire_overdue(request.due_at + 3 * DAY) == 0
    assert fresh(request).is_open


def test_a_request_ends_ten_working_days_after_it_was_due():
    request = open_request()

    assert expiry.expire_overdue(request.due_at + 17 * DAY) == 1

    assert fresh(request).state == "expired"
    assert fresh(request).closing_reason.startswith("Not signed by ")
    assert Entry.objects.get(event=Event.REQUEST_EXPIRED).actor_name == "Imprimatur"
    assert told("ada", "request_closed") == 1


def test_after_a_downtime_it_goes_on_before_it_ends():
    request = open_request()
    late = request.due_at + 90 * DAY

    assert escalation.escalate_overdue(late) == 1
    assert expiry.expire_overdue(late) == 0
    assert expiry.expire_overdue(late + 5 * DAY) == 1


def test_a_request_in_time_cannot_be_expired():
    with pytest.raises(Conflict):
        expiry.expire(open_request())


def test_a_request_whose_changes_do_not_come_ends_and_who_asked_is_told():
    request = open_request()
    sign(request, "rui", decision="changes")

    assert expiry.expire_overdue(request.opened_at + 25 * DAY) == 0
    assert expiry.expire_overdue(request.opened_at + 35 * DAY) == 1

    assert fresh(request).state == "expired"
    assert "nobody handed it in again" in fresh(request).closing_reason
    assert told("ada", "request_closed") == 1


def test_a_request_without_a_due_date_does_not_end():
    request = open_request()
    request.due_at = None

    assert expiry.ends_at(request) is None
