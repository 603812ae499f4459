from datetime import timedelta

import pytest
from django.utils import timezone

from governance.dashboards.my_work import my_work
from governance.jobs.models import Job
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.factories import judged, story
from tests.approvals.test_separation import away

pytestmark = pytest.mark.django_db


def refused(told, number):
    version = registry.create_version(
        told.version.model, actor=person("ada"), source=f"s3://models/{number}"
    )
    return judged(told.use_case, version, told.policy, by=person("ada"), verdict="not_blessed")


def titles(username):
    return [task.title for task in my_work(person(username)).to_do]


def test_who_builds_is_given_the_newest_version_that_was_not_blessed():
    told = story()
    for number in (2, 3):
        refused(told, number)

    assert titles("ada") == ["credit-scoring v3: not blessed"]


def test_a_newer_blessed_version_ends_the_task():
    told = story()
    refused(told, 2)
    version = registry.create_version(
        told.version.model, actor=person("ada"), source="s3://models/3"
    )
    judged(told.use_case, version, told.policy, by=person("ada"))

    assert titles("ada") == []


def test_who_owns_the_use_case_is_told_which_roles_nobody_holds():
    story()

    assert "Credit: nobody is Model owner" in titles("bo")
    assert titles("cy") == []


def failed_job(told, kind, **changes):
    return Job.objects.create(
        kind=kind,
        model=told.version.model,
        subject_label=told.version.label,
        state=Job.State.FAILED,
        reason="The file is gone.",
        created_by=person("ada"),
        **{"finished_at": timezone.now(), **changes},
    )


def work_of(username, link):
    return [task.why for task in my_work(person(username)).to_do if task.link == link]


@pytest.mark.parametrize("kind", ["evaluation.measure", "blessing.judge"])
def test_who_is_responsible_for_evaluations_finds_those_that_failed(kind):
    told = story(MLE=[person("mel")])
    job = failed_job(told, kind)

    assert work_of("ada", job.get_absolute_url()) == ["You started it"]
    assert work_of("mel", job.get_absolute_url()) == [
        "Responsible for Run the evaluation and blessing job in Credit"
    ]
    assert work_of("rui", job.get_absolute_url()) == []
    assert work_of("cy", job.get_absolute_url()) == []


def test_a_deputy_finds_what_failed_for_who_is_away():
    told = story(MLE=[person("olu")])
    job = failed_job(told, "infra.check")
    away("olu", "cy")

    assert work_of("cy", job.get_absolute_url()) == [
        "Responsible for Check that the model loads and answers in the serving stack, as deputy "
        "of Olu in Credit"
    ]
    assert work_of("olu", job.get_absolute_url()) == []


def test_what_failed_long_ago_or_elsewhere_is_left_to_who_started_it():
    told = story(MLE=[person("mel")])
    failed_job(told, "evaluation.measure", finished_at=timezone.now() - timedelta(days=40))
    failed_job(told, "datasets.profile")

    assert not any("fail" in title for title in titles("mel"))
    assert len(my_work(person("mel")).to_do) == 0
    assert len(my_work(person("ada")).to_do) == 2
