"""Clearances: granted by the last signature, ended by time, by a verdict or by people."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.audit.models import Entry
from governance.blessing.signals import judged as judged_signal
from governance.errors import Conflict, Invalid, NotAllowed
from governance.notifications.models import Notification
from governance.release import services
from governance.release.models import Clearance
from tests.release.factories import cleared, judged, person, ready, requested, sign

pytestmark = pytest.mark.django_db

REASON = "The training data were wrong."


def age(clearance, days):
    """Moves the clearance into the past, as only time can."""
    import pgtrigger

    with pgtrigger.ignore():
        Clearance.objects.filter(pk=clearance.pk).update(
            valid_from=clearance.valid_from - timedelta(days=days),
            valid_until=clearance.valid_until - timedelta(days=days),
        )


def test_last_signature_grants_the_clearance():
    request = requested()
    sign(request, "rui")
    assert not Clearance.objects.exists()

    sign(request, "bo")

    clearance = Clearance.objects.get()
    assert (clearance.request, clearance.state) == (request, "valid")
    assert clearance.valid_until - clearance.valid_from == timedelta(days=365)
    assert Entry.objects.get(event="release.clearance.granted").actor == person("bo")


def test_rejection_grants_nothing():
    request = requested()

    sign(request, "rui", decision="reject")

    assert not Clearance.objects.exists()


def test_those_who_release_are_told():
    cleared()

    told = Notification.objects.get(kind="clearance_granted", user=person("olu"))
    assert told.title == "Cleared: credit-scoring v1 for champion"


@pytest.mark.parametrize("name", ["bo", "rui", "olu"])
def test_clearance_is_revoked_by_those_who_answer(name):
    clearance = services.revoke(cleared(), actor=person(name), reason=REASON)

    assert (clearance.state, clearance.reason) == ("revoked", REASON)
    assert clearance.ended_by_name == name.title()
    assert Entry.objects.get(event="release.clearance.revoked").data["reason"] == REASON


def test_builder_may_not_revoke():
    clearance = cleared()

    with pytest.raises(NotAllowed, match="Accountable for the release decision"):
        services.revoke(clearance, actor=person("ada"), reason=REASON)

    assert Entry.objects.get(event="release.clearance.revoked").refused


def test_revoking_takes_a_reason():
    with pytest.raises(Invalid):
        services.revoke(cleared(), actor=person("bo"), reason="bad")


def test_clearance_ends_once():
    clearance = services.revoke(cleared(), actor=person("bo"), reason=REASON)

    with pytest.raises(Conflict):
        services.revoke(clearance, actor=person("bo"), reason=REASON)


def test_overdue_clearance_is_marked_once():
    age(cleared(), 365)

    assert (services.lapse_overdue(), services.lapse_overdue()) == (1, 0)
    clearance = Clearance.objects.get()
    assert (clearance.state, clearance.ended_by) == ("lapsed", None)
    assert Entry.objects.get(event="release.clearance.lapsed").actor_name == "Imprimatur"


def test_running_clearance_is_left_alone():
    age(cleared(), 364)

    assert services.lapse_overdue() == 0


def test_failed_verdict_ends_the_clearance():
    told = ready()
    clearance = cleared(told)
    again = judged(
        told.use_case, told.version, told.policy, by=person("ada"), verdict="not_blessed"
    )

    judged_signal.send(type(again.blessing), blessing=again.blessing)

    clearance.refresh_from_db()
    assert clearance.state == "lapsed"
    assert clearance.reason.startswith("judged again")


def test_kind_verdict_leaves_the_clearance():
    told = ready()
    clearance = cleared(told)

    judged_signal.send(type(told.blessing), blessing=told.blessing)

    clearance.refresh_from_db()
    assert clearance.state == "valid"


@pytest.mark.parametrize(
    "change", [{"valid_until": timezone.now() + timedelta(days=999)}, {"digest": "sha256:b"}]
)
def test_database_refuses_to_change_what_was_permitted(change):
    cleared()

    with pytest.raises(DatabaseError, match="keeps history"), transaction.atomic():
        Clearance.objects.update(**change)


def test_database_refuses_to_bring_a_clearance_back():
    services.revoke(cleared(), actor=person("bo"), reason=REASON)

    with pytest.raises(DatabaseError), transaction.atomic():
        Clearance.objects.update(state="valid")
