"""What rests on an exception: said everywhere, no longer than the exception, and gone with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.approvals.models import Request, Vote
from governance.blessing import services as blessings
from governance.blessing.models import Blessing
from governance.blessing.queries import exceptions_under, latest_blessing
from governance.blessing.signals import judged
from governance.errors import Conflict
from governance.exceptions import services
from governance.exceptions.models import RuleException
from governance.exceptions.rules import long_date
from governance.jobs.models import Job
from governance.notifications.models import Notification
from governance.release import services as release
from governance.release.models import Clearance
from governance.release.queries import gate_answer, gate_report
from registry.errors import NotAllowed as RefusedByRegistry
from tests.accounts.factories import PASSWORD, person
from tests.approvals.factories import sign as vote
from tests.evaluation.conftest import own_storage  # noqa: F401
from tests.exceptions.factories import sign
from tests.exceptions.stories import ask, cleared, excepted, publish, red, requested, work

pytestmark = pytest.mark.django_db
WHY = "Young applicants complain."


def verdicts():
    return list(Blessing.objects.order_by("pk").values_list("verdict", flat=True))


def later(monkeypatch, **delta):
    """Lets time pass for everybody who asks for the time or the day."""
    now, today = timezone.now, timezone.localdate
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(**delta))
    monkeypatch.setattr(
        timezone,
        "localdate",
        lambda moment=None: today(moment) if moment else today() + timedelta(**delta),
    )


def test_the_rule_stays_red_and_the_verdict_says_so():
    blessing = excepted()

    assert verdicts() == ["not_blessed", "blessed_with_exception"]
    rule = blessing.results.get(name="ambition")
    assert rule.outcome == "fail"
    assert rule.excepted_until == RuleException.objects.get().until
    assert "pass" not in {rule.outcome, rule.get_outcome_display().lower()}


def test_the_same_evidence_is_judged_again_and_no_verdict_is_changed():
    first = red()
    exception = ask(first)
    assert not Job.objects.filter(state="queued").exists()

    services.sign(
        exception, actor=person("rui"), decision="refuse", reason=WHY, password=PASSWORD
    )

    assert not Job.objects.filter(state="queued").exists()
    assert verdicts() == ["not_blessed"]


def test_everybody_who_signs_sees_it_in_the_frozen_evidence():
    request = requested(excepted())

    [exception] = request.evidence["blessing"]["exceptions"]
    found = RuleException.objects.get()

    assert exception["rule"] == "ambition"
    assert exception["until"] == found.until.isoformat()
    assert exception["digest"] == found.digest
    assert [one["name"] for one in exception["granted_by"]] == ["Rui", "Bo"]
    assert request.evidence["blessing"]["rules"][1]["outcome"] == "fail"
    assert "excepted until" in request.evidence_sentence


def test_a_clearance_lasts_no_longer_than_the_exception():
    clearance = cleared(excepted())

    assert clearance.valid_until == RuleException.objects.get().ends_at


def test_the_gate_names_the_exception_and_its_end():
    blessing = excepted()
    cleared(blessing)
    until = long_date(RuleException.objects.get().until)

    found = gate_answer(blessing.version)

    assert found.allowed
    assert found.reasons[1] == f"Blessed with exception for “ambition” until {until}."


def test_the_end_of_the_exception_closes_the_gate(monkeypatch):
    clearance = cleared(excepted())
    version = clearance.version
    release.promote(version, actor=person("olu"))
    later(monkeypatch, days=61)
    until = long_date(RuleException.objects.get().until)

    # before any sweeper has passed
    found = gate_answer(version)
    assert not found.allowed
    assert (
        f"exception expired: the one for “ambition” lasted until {until}." in found.reasons[0]
    )

    services.expire_overdue()
    clearance.refresh_from_db()
    assert clearance.state == "lapsed"
    assert clearance.reason.startswith("exception expired: ")
    work()
    assert verdicts()[-1] == "not_blessed"
    with pytest.raises(RefusedByRegistry):
        release.promote(version, actor=person("olu"))


def test_the_sweeper_of_clearances_gives_the_same_reason(monkeypatch):
    clearance = cleared(excepted())
    later(monkeypatch, days=61)

    release.lapse_overdue()

    clearance.refresh_from_db()
    assert clearance.reason.startswith("exception expired: ")


def test_a_revoked_exception_lapses_the_clearance_at_once_and_tells_it_once():
    clearance = cleared(excepted())

    services.revoke(RuleException.objects.get(), actor=person("rui"), reason=WHY)
    work()

    clearance.refresh_from_db()
    assert clearance.state == "lapsed"
    assert clearance.reason == f"exception revoked: “ambition” was revoked by Rui: {WHY}"
    told = Notification.objects.filter(kind="clearance_ended", user__username="olu")
    assert told.count() == 1
    assert not gate_answer(clearance.version).allowed


def test_a_policy_that_lapses_on_nothing_lapses_on_this():
    blessing = red()
    version = blessing.version
    publish(extra="lapses_on: []\n")
    blessings.bless(blessing.evaluation, actor=None)
    exception = ask(latest_blessing(version))
    for name in ("rui", "bo"):
        sign(exception, name)
    work()
    clearance = cleared(latest_blessing(version))

    services.revoke(RuleException.objects.get(), actor=person("rui"), reason=WHY)

    clearance.refresh_from_db()
    assert clearance.state == "lapsed"


def test_a_rule_that_became_undecided_ends_what_an_exception_carried():
    clearance = cleared(excepted())
    undecided = Blessing.objects.get(pk=latest_blessing(clearance.version).pk)
    undecided.pk, undecided.verdict = None, "undecided"
    undecided.sentence = "Undecided against credit v1: ambition has too few rows."
    undecided.save(force_insert=True)

    judged.send(Blessing, blessing=undecided)

    clearance.refresh_from_db()
    assert clearance.state == "lapsed"


def test_an_open_request_is_withdrawn_when_its_exception_ends():
    request = requested(excepted())
    vote(request, "rui")

    services.revoke(RuleException.objects.get(), actor=person("rui"), reason=WHY)

    request.refresh_from_db()
    assert request.state == "withdrawn"
    assert request.closing_reason.startswith("It rested on an exception; exception revoked: ")
    assert not Clearance.objects.exists()


def test_the_last_signature_is_refused_when_time_has_run_out_before_any_sweeper(monkeypatch):
    request = requested(excepted(until=timezone.localdate() + timedelta(days=2)))
    vote(request, "rui")
    later(monkeypatch, days=3)

    with pytest.raises(Conflict) as refused:
        vote(request, "bo")

    assert refused.value.code == "exception_ended"
    assert "can no longer be approved on this evidence" in refused.value.sentence
    assert Request.objects.get().state == "open"
    assert Vote.objects.count() == 1
    assert not Clearance.objects.exists()


def test_approval_is_not_asked_for_on_an_exception_that_has_ended(monkeypatch):
    blessing = excepted()
    later(monkeypatch, days=61)

    report = gate_report(blessing.version)

    [obstacle] = report.obstacles
    assert obstacle.code == "exception_ended"
    [blessed] = [item for item in report.checklist if item.key == "blessed"]
    assert blessed.state == "failed"
    assert "exception expired: the one for “ambition” lasted until" in blessed.sentence
    with pytest.raises(Conflict):
        requested(blessing)


def test_a_verdict_without_exceptions_asks_for_none(django_assert_num_queries):
    blessing = red()

    with django_assert_num_queries(0):
        assert exceptions_under(blessing) == []
