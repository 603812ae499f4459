"""A version retires by decision: its clearance ends, and those who switch off are told."""

import pytest

from governance.approvals.models import Request
from governance.audit.models import Entry
from governance.dashboards.my_work import my_work
from governance.errors import Conflict, NotAllowed
from governance.notifications.models import Notification
from governance.release import asking
from governance.release.assessment import assess
from governance.release.models import Clearance
from registry import services as registry
from tests.release.factories import challenger, cleared, person, ready, sign

pytestmark = pytest.mark.django_db(transaction=True)


def serving(**changes):
    told = ready(**changes)
    cleared(told)
    registry.set_alias(told.version.model, "champion", told.version, actor=person("olu"))
    return told


def asked(told, actor="mo"):
    return asking.request_retirement(
        told.version, actor=person(actor), statement="The product is no longer sold."
    )


def test_who_answers_for_the_retirement_signs_it():
    request = asked(serving())

    assert str(request) == "credit-scoring v1 to retire from champion"
    [step] = request.steps.all()
    assert (step.activity, step.duty) == ("decide_retirement", "A")
    assert Notification.objects.filter(kind="approval_requested", user=person("bo")).exists()


def test_a_signed_retirement_closes_the_gate_and_tells_who_switches_off():
    told = serving()

    request = asked(told)
    sign(request, "bo")

    found = assess(told.version, "champion")
    assert not found.allowed
    assert found.clearance.state == Clearance.State.REVOKED
    assert found.clearance.reason == f"Retirement was decided: request {request.pk}."
    told_off = Notification.objects.filter(title__startswith="Retires:")
    assert told_off.filter(user=person("olu")).exists()


def test_the_evidence_names_what_could_take_its_place_and_what_builds_upon_it():
    told = serving()
    newer = challenger(told).version
    child = registry.create_version(
        told.version.model, actor=person("ada"), source="s3://models/3", parent=told.version
    )

    facts = {one["title"]: one["text"] for one in asked(told).evidence["facts"]}

    assert facts["To take its place"] == newer.label
    assert facts["Built upon it"] == child.label


def test_what_does_not_serve_cannot_retire():
    told = ready()

    with pytest.raises(Conflict) as refusal:
        asked(told)

    assert refusal.value.code == "not_serving"
    assert Entry.objects.filter(event="approvals.request.opened", refused=True).exists()


def test_a_stranger_may_not_ask():
    told = serving()

    with pytest.raises(NotAllowed):
        asked(told, actor="sam")

    assert Request.objects.filter(kind="retirement").count() == 0


def test_a_promotion_may_be_asked_for_beside_a_retirement():
    told = serving()
    asked(told)

    with pytest.raises(Conflict) as refusal:
        asked(told)

    assert refusal.value.code == "request_open"
    assert asking.request_promotion(told.version, actor=person("ada")).is_open


def test_who_switches_off_finds_it_in_their_work_until_it_is_done():
    told = serving()
    sign(asked(told), "bo")
    olu = person("olu")

    def to_do():
        return [one.title for one in my_work(olu).to_do]

    assert to_do() == ["Take champion away from credit-scoring v1"]
    registry.delete_alias(told.version.model, "champion", actor=olu)
    assert to_do() == []
