"""Who made a version, from the registry, from tags as the trail has them, and from the run."""

import pytest

from governance.separation.makers import makers_of
from governance.separation.rules import Contribution
from registry import services as registry
from tests.accounts.factories import person
from tests.registry import factories

pytestmark = pytest.mark.django_db

REGISTERED = "registered the version"


def parts(version):
    made = makers_of([version.pk])[version.pk]
    return [(one.user_id, one.part) for one in made]


def test_who_registered_made_it():
    version = factories.version()

    assert parts(version) == [(version.created_by_id, REGISTERED)]


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("mlflow.user", "eve", "trained it, as the tag mlflow.user says"),
        ("mlflow.user", "eve@example.org", "trained it, as the tag mlflow.user says"),
        ("trained_by", "eve", "trained it, as the tag trained_by says"),
        ("git.author", "eve@example.org", "committed its code, as the tag git.author says"),
        (
            "git.author",
            "Eve B <eve@example.org>",
            "committed its code, as the tag git.author says",
        ),
        ("git.committer", "eve", "committed its code, as the tag git.committer says"),
    ],
)
def test_who_is_named_by_a_tag_made_it(key, value, part):
    eve = person("eve")
    version = factories.version(tags={key: value})

    assert (eve.pk, part) in parts(version)


@pytest.mark.parametrize(
    "value", ["Eve", "eve2", "evelyn", "", "eve@example.com", "eve,ada", "%"]
)
def test_a_name_that_is_not_exactly_an_account_is_nobody(value):
    person("eve")
    version = factories.version(tags={"mlflow.user": value, "colour": "eve"})

    assert parts(version) == [(version.created_by_id, REGISTERED)]


def test_accounts_without_an_address_are_named_by_no_empty_one():
    eve = person("eve")
    eve.email = ""
    eve.save(update_fields=["email"])
    version = factories.version(tags={"mlflow.user": "", "git.author": "Eve <>"})

    assert parts(version) == [(version.created_by_id, REGISTERED)]


def test_a_tag_set_later_counts_and_one_taken_away_still_does():
    eve, ada = person("eve"), person("ada")
    version = factories.version()
    registry.set_tag(version, "mlflow.user", "eve", actor=ada)
    registry.set_tag(version, "mlflow.user", "nobody", actor=ada)
    registry.delete_tag(version, "mlflow.user", actor=ada)

    assert (eve.pk, "trained it, as the tag mlflow.user says") in parts(version)


def test_a_copy_was_made_by_who_made_the_original():
    eve = person("eve")
    original = factories.version(owner=person("ada"), tags={"mlflow.user": "eve"})
    model = registry.create_model("served", actor=person("ada"))
    copy = registry.create_version(
        model, actor=person("ada"), source=f"models:/{original.model.name}/{original.number}"
    )

    assert (eve.pk, "trained it, as the tag mlflow.user says") in parts(copy)
    assert (original.created_by_id, "registered the version it is a copy of") in parts(copy)


def test_what_a_version_was_trained_from_is_another_version():
    eve = person("eve")
    first = factories.version(owner=person("ada"), tags={"mlflow.user": "eve"})
    second = registry.create_version(first.model, actor=person("ada"), parent=first)

    assert eve.pk not in {user for user, _part in parts(second)}


def test_the_user_of_the_run_trained_it():
    eve = person("eve")
    version = factories.version(source="runs:/abc/model")
    registry.pin_artifact(
        version, actor=person("ada"), location="s3://x/y", files=[], facts={"user": "eve"}
    )

    assert (eve.pk, "trained it, as the tag mlflow.user says") in parts(version)


def test_one_query_for_any_number_of_versions(django_assert_num_queries):
    versions = [factories.version(factories.model(f"m{n}")) for n in range(4)]
    with django_assert_num_queries(1):
        found = makers_of(one.pk for one in versions)

    assert found[versions[2].pk] == [Contribution(versions[2].created_by_id, REGISTERED)]
    assert makers_of([]) == {}
