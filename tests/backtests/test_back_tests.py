"""Back-tests for real: measured files, judged versions, the job, and what it may not tell."""

import io
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.audit.models import Entry
from governance.backtests import jobs, services
from governance.backtests.models import BackTest, BackTestLine
from governance.backtests.selection import Selection, selected
from governance.errors import Conflict, Invalid
from governance.jobs import runner
from governance.jobs import services as steering
from governance.jobs.models import Job
from governance.policies import services as policies
from governance.policies.document import InvalidPolicy
from governance.release import services as release
from registry import services as registry
from tests.backtests.factories import (
    LENIENT,
    STRICT,
    blessed,
    draft,
    failing,
    finished,
    governed_model,
    past,
    person,
    pia,
    policy,
    requested,
    run,
    version_of,
)
from tests.evaluation.factories import measured
from tests.policies.factories import policy_text
from tests.registry.factories import model
from tests.registry.factories import version as registered
from tests.release import factories as cleared_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.OpenGate"


def ungoverned_version(name, *, owner):
    return registered(model(name, owner=owner))


def root():
    return person("root", "administrator")


def champion(version):
    return registry.set_alias(version.model, "champion", version, actor=root())


def counted(back_test, **expected):
    assert {key: back_test.counts[key] for key in expected} == expected


def test_the_policy_in_force_changes_nothing():
    blessing = past(2)[0]

    made = finished(blessing.policy_version)

    counted(made, evaluations=2, versions=2, passed_then=2, blocked=0, would_pass=0)
    for line in made.lines.all():
        assert (line.direction, line.differs) == ("same", False)
        assert (line.verdict_now, line.sentence) == (
            line.blessing.verdict,
            line.blessing.sentence,
        )
    assert (
        made.job.result["sentence"]
        == "Would have blocked none of the 2 versions that passed then."
    )


def test_a_stricter_text_blocks_and_the_serving_version_is_counted(open_gate):
    _first, second, _third = past(3)
    champion(second.version)

    made = finished(draft(STRICT))

    counted(made, versions=3, passed_then=3, blocked=3, blocked_serving=1)
    line = made.lines.first()
    assert (line.version, line.is_serving) == (second.version, True)
    assert (line.verdict_then, line.verdict_now) == ("blessed", "not_blessed")
    assert [one["name"] for one in line.deciding] == ["auc floor"]
    assert "below 0.999 — failed." in line.deciding[0]["sentence"]
    assert (
        made.job.result["sentence"]
        == "Would have blocked 3 of the 3 versions that passed then, 1 of them serving now."
    )
    assert made.label == "credit v2 (draft)"


def test_a_pointer_that_is_not_protected_serves_nobody(open_gate):
    blessing = past(1)[0]
    registry.set_alias(blessing.version.model, "candidate", blessing.version, actor=root())

    counted(finished(draft(STRICT)), blocked=1, blocked_serving=0)


def test_a_kinder_text_lets_through_what_was_blocked():
    policy(LENIENT)
    failing(governed_model())

    made = finished(draft("auc floor: auc at least 0.2"))

    counted(made, passed_then=0, would_pass=1)
    assert "Would have let through 1 that was blocked." in made.job.result["sentence"]


def test_another_verdict_that_clears_as_much_is_a_difference_and_no_blocking():
    past(2)

    made = finished(
        draft("auc floor: auc at least 0.6", "as good: auc at least baseline else warn")
    )

    counted(made, blocked=0, other_verdict=1)
    line = made.lines.get(differs=True)
    assert (line.verdict_then, line.verdict_now) == ("blessed", "blessed_first")


def test_the_newest_evaluation_decides_for_its_version():
    blessing = past(1)[0]
    blessed(blessing.version, dataset_name="march")

    made = finished(draft(STRICT))

    counted(made, evaluations=2, versions=1, blocked=1)
    decides = made.lines.get(decides=True)
    assert decides.evaluation.dataset_name == "march"
    assert list(made.lines.values_list("decides", flat=True)) == [True, False]


def test_what_was_never_judged_says_so():
    past(1)
    measured(ungoverned_version("loose", owner=person("mle")))

    made = finished(draft(STRICT))

    line = made.lines.get(direction="not_judged")
    assert (line.verdict_then, line.blessing, line.differs) == ("", None, False)
    counted(made, not_judged=1, passed_then=1)


def test_a_clearance_that_ended_before_its_time_is_counted_as_a_breach():
    told = cleared_story.ready()
    clearance = cleared_story.cleared(told)
    release.revoke(clearance, actor=person("bo"), reason="It turned people away.")

    strict = finished(text=policy_text(STRICT), actor=person("ada"))
    lenient = finished(text=policy_text("auc floor: auc at least 0.5"), actor=person("ada"))

    counted(strict, passed_then=1, breached=1, breached_blocked=1)
    counted(lenient, passed_then=1, breached=1, breached_blocked=0)
    line = strict.lines.get()
    assert line.later_breached
    assert line.breach_reason == "Revoked: It turned people away."
    assert "1 version that passed later lost its clearance" in strict.job.result["sentence"]
    assert lenient.job.result["sentence"].endswith("this text would not have.")


def test_a_clearance_whose_time_ran_out_is_no_breach(monkeypatch):
    told = cleared_story.ready()
    clearance = cleared_story.cleared(told)
    late = clearance.valid_until + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: late)
    release.lapse(clearance, reason="its time ran out.")
    monkeypatch.undo()

    counted(finished(text=policy_text(STRICT), actor=person("ada")), breached=0)


# What may be seen


def test_nothing_is_selected_that_the_asker_may_not_see():
    past(2)
    cy = person("cy")

    with pytest.raises(Invalid, match="No finished evaluation that you may see"):
        requested(draft(STRICT), actor=cy)
    with pytest.raises(Invalid, match="There is no model called credit-scoring"):
        requested(text=policy_text(STRICT), actor=cy, models=("credit-scoring",))
    with pytest.raises(Invalid, match="There is no use case called case-of-credit-scoring"):
        requested(text=policy_text(STRICT), actor=cy, use_cases=("case-of-credit-scoring",))
    assert not BackTest.objects.exists()


def test_two_people_get_their_own_part_of_the_past():
    past(1)
    mine = ungoverned_version("of-cy", owner=person("cy"))
    measured(mine)

    made = finished(text=policy_text(STRICT), actor=person("cy"))

    assert [line.version for line in made.lines.all()] == [mine]


def test_who_loses_sight_of_a_model_loses_its_lines():
    blessing = past(1)[0]
    made = finished(draft(STRICT))
    mle = person("mle")
    assert BackTestLine.objects.visible_to(mle).count() == 1

    registry.delete_version(blessing.version, actor=root())

    assert BackTestLine.objects.visible_to(mle).count() == 0
    assert BackTest.objects.visible_to(mle).get() == made


def test_back_tests_are_for_their_asker_and_for_who_reads_everything():
    past(1)
    finished(draft(STRICT))

    seen = {
        name: BackTest.objects.visible_to(person(name, group)).count()
        for name, group in (
            ("mle", "member"),
            ("bo", "member"),
            ("pol", "policy editor"),
            ("vi", "auditor"),
        )
    }

    assert seen == {"mle": 1, "bo": 0, "pol": 0, "vi": 1}


# Selecting


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"credit-scoring v1", "credit-scoring v2", "churn v1"}),
        ({"models": ("churn",)}, {"churn v1"}),
        ({"use_cases": ("case-of-churn",)}, {"churn v1"}),
        ({"tiers": (1,)}, {"credit-scoring v1", "credit-scoring v2", "churn v1"}),
        ({"tiers": (3,)}, set()),
        ({"since": timezone.localdate() + timedelta(days=1)}, set()),
        ({"until": timezone.localdate() - timedelta(days=1)}, set()),
        ({"since": timezone.localdate(), "models": ("churn",)}, {"churn v1"}),
        ({"only_served": True}, {"credit-scoring v2"}),
    ],
)
def test_every_criterion_narrows(asked, expected, open_gate):
    champion(past(2)[1].version)
    blessed(version_of(governed_model("churn")))

    found = selected(Selection(**asked), person("mle"))

    assert {evaluation.version.label for evaluation in found} == expected


def test_a_selection_survives_being_written_down():
    asked = Selection(("a",), ("b", "c"), (1, 2), timezone.localdate(), None, True)

    assert Selection.from_json(asked.to_json()) == asked


def test_a_period_that_ends_before_it_begins_is_refused():
    past(1)
    today = timezone.localdate()

    with pytest.raises(Invalid) as refused:
        requested(draft(STRICT), since=today, until=today - timedelta(days=1))
    assert refused.value.field == "until"


def test_a_text_with_problems_is_refused_line_by_line():
    past(1)

    with pytest.raises(InvalidPolicy) as refused:
        requested(text=policy_text("auc floor: auk at least 0.7"))
    assert "Line 6" in str(refused.value)
    with pytest.raises(Invalid, match="give the text to try"):
        services.request_back_test(actor=person("mle"), text=" ")


def test_a_person_has_two_back_tests_at_once():
    past(1)
    tried = draft(STRICT)
    requested(tried)
    second = requested(tried)

    with pytest.raises(Conflict, match="not finished yet"):
        requested(tried)
    run(second)
    requested(tried)


# The job


def test_a_second_run_writes_nothing_twice():
    past(2)
    made = requested(draft(STRICT))
    job = Job.objects.get(pk=made.job_id)

    def progress(done, total, text):
        """Nobody follows."""

    twice = [jobs.work(job, progress) for _ in range(2)]
    run(made)

    assert made.lines.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        jobs.store(job, twice[0])
    runner.run(str(made.job_id))
    assert made.lines.count() == 2
    twice[1].lines.close()


def test_a_cancelled_back_test_leaves_no_line_and_may_be_started_again():
    past(2)
    made = requested(draft(STRICT))
    steering.cancel(made.job, actor=person("mle"))

    assert run(made).state == "cancelled"
    assert not made.lines.exists()

    steering.retry(made.job, actor=person("mle"))
    again = run(made)
    assert (again.state, again.lines.count()) == ("succeeded", 2)


def test_it_stops_between_two_chunks_when_asked_to(monkeypatch):
    past(3)
    made = requested(draft(STRICT))
    monkeypatch.setattr(jobs, "CHUNK", 1)
    seen = []

    def progress(done, total, text):
        seen.append((done, total, text))
        if done == 2:
            raise runner.Cancelled

    with pytest.raises(runner.Cancelled):
        jobs.work(Job.objects.get(pk=made.job_id), progress)
    assert seen[1] == (1, 3, "Judging again: 1 of 3 evaluations")
    assert not made.lines.exists()


def test_chunks_make_no_difference(monkeypatch):
    blessing = past(2)[0]
    blessed(blessing.version, dataset_name="march")
    tried = draft(STRICT)
    whole = finished(tried)
    monkeypatch.setattr(jobs, "CHUNK", 1)

    pieces = finished(tried)

    assert pieces.counts == whole.counts

    def told(back_test):
        return list(
            back_test.lines.values_list("evaluation", "direction", "decides", "rank", "rules")
        )

    assert told(pieces) == told(whole)


def test_a_draft_that_is_revised_meanwhile_is_tried_as_it_was():
    past(1)
    tried = draft(STRICT)
    made = requested(tried)
    policies.revise(tried, policy_text(LENIENT), actor=pia())

    counted(run(made), blocked=1)


def test_evaluations_that_finish_meanwhile_are_not_in_it():
    blessing = past(1)[0]
    made = requested(draft(STRICT))
    blessed(blessing.version, dataset_name="later")

    assert run(made).counts["evaluations"] == 1


def test_what_was_found_is_kept_by_the_database():
    past(1)
    made = finished(draft(STRICT))

    for change in (
        lambda: BackTest.objects.filter(pk=made.pk).update(counts={}),
        lambda: BackTest.objects.filter(pk=made.pk).update(text="another"),
        lambda: made.lines.update(direction="same"),
        lambda: made.lines.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_asking_and_finding_are_in_the_trail():
    past(1)
    made = finished(draft(STRICT))

    entries = Entry.objects.filter(subject_id=str(made.pk)).order_by("pk")
    assert [entry.event for entry in entries] == ["backtests.requested", "backtests.finished"]
    assert "Would have blocked the one version that passed then" in entries[1].sentence


def test_another_baseline_is_noted():
    past(2)

    made = finished(draft(STRICT, baseline="alias champion"))

    assert made.notes == [
        "2 verdicts of then came from a policy with another baseline than this text asks for; "
        "the baseline of then was used."
    ]


def test_models_to_which_the_text_would_not_apply_are_noted():
    blessing = past(2)[0]
    blessed(blessing.version, dataset_name="march")
    measured(ungoverned_version("loose", owner=person("mle")))

    def notes(applies_to):
        return finished(text=policy_text(STRICT, applies_to=applies_to)).notes

    assert notes("{tiers: [1]}") == [
        "1 version belongs to models to which this text would not apply."
    ]
    assert notes("{tiers: [1], tags: {domain: credit}}") == [
        "3 versions belong to models to which this text would not apply."
    ]
    registry.set_tag(blessing.version.model, "domain", "credit", actor=root())
    assert len(notes("{tags: {domain: credit}}")) == 1


def test_lines_wait_on_disk_when_there_are_many(monkeypatch):
    past(1)
    monkeypatch.setattr(jobs, "IN_MEMORY", 10)
    made = requested(draft(STRICT))

    judged = jobs.work(Job.objects.get(pk=made.job_id), lambda *_: None)

    assert judged.lines._rolled
    assert not isinstance(judged.lines._file, io.StringIO)
    judged.lines.close()
