"""Registering, describing, renaming and deleting a model."""

import pytest

from governance.audit.models import Entry
from registry import services
from registry.errors import Conflict, Invalid, NotAllowed, NotFound
from registry.models import Alias, AliasMove, RegisteredModel
from tests.registry import factories
from tests.registry.factories import person

pytestmark = pytest.mark.django_db


def test_model_is_registered_with_its_tags(ada):
    model = services.create_model(
        "credit", actor=ada, description="d", tags={"domain": "credit"}
    )

    assert model.description == "d"
    assert model.tags.get().value == "credit"
    assert Entry.objects.get(event="registry.model.created").actor == ada


def test_maker_of_a_model_may_act_on_it(ada):
    model = factories.model(owner=ada)

    assert services.create_version(model, actor=ada).number == 1


def test_name_of_a_live_model_is_taken(ada):
    factories.model("credit")

    with pytest.raises(Conflict, match="There is a model called credit already"):
        services.create_model("credit", actor=ada)


def test_name_of_a_deleted_model_is_free(ada):
    services.delete_model(factories.model("credit"), actor=ada)

    assert services.create_model("credit", actor=ada).pk


def test_auditor_may_not_register_models(db):
    with pytest.raises(NotAllowed):
        services.create_model("credit", actor=person("vi", "auditor"))

    assert Entry.objects.get(event="registry.model.created").refused


def test_stranger_may_not_describe_a_model(cy):
    model = factories.model()

    with pytest.raises(NotAllowed, match="ask its owner"):
        services.update_model(model, actor=cy, description="mine")

    assert Entry.objects.get(event="registry.model.updated", refused=True).actor == cy


def test_description_is_replaced(ada):
    model = services.update_model(factories.model(), actor=ada, description="new")

    assert model.description == "new"
    assert model.updated_at > model.created_at


def test_model_gets_another_name(ada):
    model = services.rename_model(factories.model("old"), "new", actor=ada)

    assert RegisteredModel.objects.get().name == model.name == "new"


def test_model_may_not_take_a_name_in_use(ada):
    factories.model("taken")

    with pytest.raises(Conflict):
        services.rename_model(factories.model("old"), "taken", actor=ada)


def test_rename_asks_the_gate_for_each_pointer(ada, settings):
    model = factories.model()
    services.set_alias(model, "champion", factories.version(model), actor=ada)
    settings.REGISTRY_ALIAS_GATE = factories.GUARDED

    with pytest.raises(NotAllowed, match="Renaming"):
        services.rename_model(model, "other", actor=ada)

    model.refresh_from_db()
    assert model.name == "credit-scoring"
    assert Entry.objects.get(event="registry.model.renamed").refused


def test_delete_asks_the_gate_for_each_pointer(ada, settings):
    version = services.transition_stage(factories.version(), "Production", actor=ada)
    settings.REGISTRY_ALIAS_GATE = factories.GUARDED

    with pytest.raises(NotAllowed, match="Deleting credit-scoring"):
        services.delete_model(version.model, actor=ada)

    assert RegisteredModel.objects.live().count() == 1


def test_deleting_a_model_keeps_its_history(ada):
    model = factories.model()
    services.set_alias(model, "challenger", factories.version(model), actor=ada)

    services.delete_model(model, actor=ada)

    assert not Alias.objects.exists()
    assert AliasMove.objects.first().to_version is None
    assert model.versions.count() == 1


def test_deleted_model_takes_no_more_acts(ada):
    model = factories.model()
    services.delete_model(model, actor=ada)

    with pytest.raises(NotFound):
        services.create_version(model, actor=ada)


def test_unusable_input_leaves_nothing(ada):
    with pytest.raises(Invalid):
        services.create_model("credit", actor=ada, tags={"imprimatur.approved": "true"})

    assert not RegisteredModel.objects.exists()
