"""Who sees what, and finding things by name, number and alias."""

import pytest
from django.contrib.auth.models import AnonymousUser
from guardian.shortcuts import assign_perm

from registry import queries, services
from registry.errors import Invalid, NotFound
from registry.models import AliasMove, ModelVersion, RegisteredModel
from tests.registry import factories
from tests.registry.factories import person

pytestmark = pytest.mark.django_db


def test_stranger_sees_nothing(cy):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=version.created_by)

    for model in (RegisteredModel, ModelVersion, AliasMove):
        assert not model.objects.visible_to(cy).exists()


def test_auditor_sees_everything():
    factories.version()

    assert ModelVersion.objects.visible_to(person("vi", "auditor")).count() == 1


def test_reader_by_permission_on_one_model_sees_that_one(cy):
    seen = factories.model("seen")
    factories.model("unseen")
    assign_perm("registry.view_registeredmodel", cy, seen)

    assert list(RegisteredModel.objects.visible_to(cy)) == [seen]


def test_inactive_and_anonymous_people_see_nothing(ada):
    factories.model(owner=ada)
    ada.is_active = False

    assert not RegisteredModel.objects.visible_to(ada).exists()
    assert not RegisteredModel.objects.visible_to(AnonymousUser()).exists()


def test_visible_models_take_one_query(ada, django_assert_num_queries):
    factories.model(owner=ada)
    ada.has_perm("warm.cache")

    with django_assert_num_queries(1):
        list(RegisteredModel.objects.visible_to(ada))


@pytest.mark.parametrize("name", ["unknown", "a\x00b"])
def test_unknown_model_is_not_there(ada, name):
    with pytest.raises(NotFound):
        queries.model_named(name, user=ada)


def test_unseen_model_is_not_there(cy):
    factories.model("credit")

    with pytest.raises(NotFound):
        queries.model_named("credit", user=cy)


@pytest.mark.parametrize("number", [2, "0", "-1", "99999999999999"])
def test_unknown_number_is_not_there(ada, number):
    factories.version(factories.model("credit"))

    with pytest.raises(NotFound):
        queries.version_numbered("credit", number, user=ada)


def test_number_is_whole(ada):
    factories.model("credit")

    with pytest.raises(Invalid):
        queries.version_numbered("credit", "one", user=ada)


def test_version_is_found_by_alias(ada):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=ada)

    assert queries.version_at(version.model, "champion") == version
    with pytest.raises(NotFound):
        queries.version_at(version.model, "challenger")


def test_newest_version_per_stage(ada):
    model = factories.model()
    versions = [factories.version(model) for _ in range(4)]
    for version in versions[:2]:
        services.transition_stage(version, "Staging", actor=ada)

    assert set(queries.newest_per_stage(model)) == {versions[1], versions[3]}
