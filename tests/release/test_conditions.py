"""A condition that nobody reports done in time ends the clearance it was set for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.approvals import findings
from governance.approvals.findings import Condition
from governance.release import services
from governance.release.models import Clearance
from governance.release.queries import gate_answer
from tests.release.factories import person, ready, requested, sign

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "Watch the young borrowers."


def cleared_on_condition():
    request = requested(ready())
    until = timezone.localdate() + timedelta(days=1)
    sign(request, "rui", conditions=[Condition(TEXT, "ada", until)])
    sign(request, "bo")
    return Clearance.objects.get(request=request)


@pytest.fixture
def two_days_later(monkeypatch):
    day = timezone.localdate() + timedelta(days=2)
    return lambda: monkeypatch.setattr(timezone, "localdate", lambda: day)


def test_a_clearance_stands_while_its_condition_has_time():
    clearance = cleared_on_condition()

    assert services.lapse_overdue() == 0
    assert gate_answer(clearance.version).allowed


def test_an_overdue_condition_ends_the_clearance_and_says_whose_it_was(two_days_later):
    clearance = cleared_on_condition()
    two_days_later()

    assert services.lapse_overdue() == 1

    clearance.refresh_from_db()
    assert clearance.state == Clearance.State.LAPSED
    assert clearance.reason.startswith(f"Ada has not reported the condition “{TEXT}” done")
    assert not gate_answer(clearance.version).allowed


def test_a_condition_reported_in_time_ends_nothing(two_days_later):
    clearance = cleared_on_condition()
    [finding] = clearance.request.findings.all()
    findings.report(finding, actor=person("ada"), report="A dashboard is up.")
    two_days_later()

    assert services.lapse_overdue() == 0
