"""Registering, describing and deleting versions."""

import pytest
from django.db import DatabaseError, transaction

from governance.audit.models import Entry
from registry import services
from registry.errors import Invalid, NotAllowed, NotFound
from registry.models import AliasMove, ModelVersion
from tests.registry import factories

pytestmark = pytest.mark.django_db


def test_version_keeps_its_lineage(ada):
    model = factories.model()
    parent = factories.version(model)

    version = services.create_version(
        model,
        actor=ada,
        source="s3://bucket/model",
        digest=factories.DIGEST,
        parent=parent,
        code_commit="abc",
        training_data="german_credit",
        training_data_digest=factories.DIGEST,
        base_model="",
        container_digest=factories.DIGEST,
        environment_digest=factories.DIGEST,
        parameters={"C": 1.0},
        tags={"domain": "credit"},
    )

    version.refresh_from_db()
    assert (version.number, version.parent, version.parameters) == (2, parent, {"C": 1.0})
    assert version.label == str(version) == "credit-scoring v2"
    assert version.get_absolute_url() == "/models/credit-scoring/versions/2/"


def test_number_is_never_used_again(ada):
    model = factories.model()
    services.delete_version(factories.version(model), actor=ada)

    assert factories.version(model).number == 2


def test_stranger_may_not_register_a_version(cy):
    model = factories.model()

    with pytest.raises(NotAllowed):
        services.create_version(model, actor=cy)

    assert not ModelVersion.objects.exists()
    assert Entry.objects.get(event="registry.version.created").refused


def test_run_is_read_from_the_source(ada):
    version = factories.version(source="runs:/abc/model")

    assert version.run_id == "abc"


def test_logged_model_is_read_from_the_source(ada):
    version = factories.version(source="models:/m-abc")

    assert version.logged_model_id == "m-abc"


def test_run_that_differs_from_the_source_is_refused(ada):
    with pytest.raises(Invalid, match="names abc, not xyz"):
        factories.version(source="runs:/abc/model", run_id="xyz")


def test_parent_must_be_visible(ada, cy):
    hidden = factories.version(factories.model("hidden", owner=cy))

    with pytest.raises(NotFound):
        factories.version(factories.model(owner=ada), parent=hidden)


def test_description_is_the_text_that_may_change(ada):
    version = services.update_version(factories.version(), actor=ada, description="new")

    assert version.description == "new"


@pytest.mark.parametrize(
    "change", [{"digest": factories.DIGEST}, {"source": "s3://other/x"}, {"number": 9}]
)
def test_database_refuses_to_change_what_a_version_is_made_of(change):
    version = factories.version()

    with pytest.raises(DatabaseError, match="keeps history"), transaction.atomic():
        ModelVersion.objects.filter(pk=version.pk).update(**change)


def test_database_refuses_to_remove_a_version():
    version = factories.version()

    with pytest.raises(DatabaseError, match="never removed"), transaction.atomic():
        ModelVersion.objects.filter(pk=version.pk)._raw_delete("default")


def test_deleting_takes_its_pointers_away(ada):
    version = factories.version()
    services.set_alias(version.model, "challenger", version, actor=ada)

    services.delete_version(version, actor=ada)

    assert AliasMove.objects.first().from_version == version
    assert not version.aliases.exists()
    assert not ModelVersion.objects.live().exists()


def test_version_behind_a_protected_alias_stays(ada, settings):
    version = factories.version()
    services.set_alias(version.model, "champion", version, actor=ada)
    settings.REGISTRY_ALIAS_GATE = factories.GUARDED

    with pytest.raises(NotAllowed, match="No valid clearance") as refusal:
        services.delete_version(version, actor=ada)

    assert refusal.value.link == "/help/"
    assert ModelVersion.objects.live().count() == 1


def test_deleted_version_is_not_there(ada):
    version = factories.version()
    services.delete_version(version, actor=ada)

    with pytest.raises(NotFound):
        services.update_version(version, actor=ada, description="again")
