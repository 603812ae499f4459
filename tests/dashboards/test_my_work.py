import pytest

from governance.dashboards.my_work import my_work
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.factories import judged, story

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
