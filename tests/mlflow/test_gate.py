"""The gate at MLflow's doors: what an unchanged pipeline is told, and that the same call succeeds later."""

import pytest
from mlflow.exceptions import MlflowException

from governance.approvals.models import Request
from registry import services
from tests.accounts.factories import person
from tests.release.factories import cleared, ready, sign

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
NAME = "credit-scoring"


@pytest.fixture
def told():
    return ready()


@pytest.fixture
def olu(told, as_user):
    return as_user(person("olu"))


def refused(act, *given, **named) -> str:
    with pytest.raises(MlflowException) as error:
        act(*given, **named)
    assert error.value.error_code == "PERMISSION_DENIED"
    return str(error.value)


def test_champion_is_refused_with_the_request_and_moves_once_it_is_approved(olu, settings):
    message = refused(olu.set_registered_model_alias, NAME, "champion", "1")
    request = Request.objects.get()
    assert "has no clearance for champion" in message
    assert f"request {request.pk} " in message
    assert f"{settings.PUBLIC_URL}/approvals/{request.pk}/" in message

    sign(request, "rui")
    sign(request, "bo")
    olu.set_registered_model_alias(NAME, "champion", "1")
    assert olu.get_model_version_by_alias(NAME, "champion").version == "1"


def test_repeated_refusal_names_the_same_request(olu):
    refused(olu.set_registered_model_alias, NAME, "champion", "1")
    message = refused(olu.set_registered_model_alias, NAME, "champion", "1")
    assert f"request {Request.objects.get().pk} " in message


def test_unprotected_alias_moves_at_once(olu):
    olu.set_registered_model_alias(NAME, "canary", "1")
    assert olu.get_model_version_by_alias(NAME, "canary").version == "1"


def test_production_stage_is_refused_with_the_request(olu):
    message = refused(olu.transition_model_version_stage, NAME, "1", "Production")
    assert f"request {Request.objects.get().pk} " in message


def test_archiving_what_serves_asks_for_the_newcomer(told, olu, as_user):
    cleared(told, alias="Production", pointer_kind="stage")
    olu.transition_model_version_stage(NAME, "1", "Production")
    as_user(person("ada")).create_model_version(NAME, "s3://bucket/2")
    olu = as_user(person("olu"))
    refused(
        olu.transition_model_version_stage,
        NAME,
        "2",
        "Production",
        archive_existing_versions=True,
    )
    assert olu.get_model_version(NAME, "1").current_stage == "Production"


def test_what_serves_is_neither_deleted_nor_renamed(told, as_user):
    cleared(told)
    services.set_alias(told.version.model, "champion", told.version, actor=person("olu"))
    mo = as_user(person("mo"))
    assert "serves as champion" in refused(mo.delete_model_version, NAME, "1")
    assert "serves as champion" in refused(mo.delete_registered_model, NAME)
    assert "serves as champion" in refused(mo.rename_registered_model, NAME, "other")


def test_reserved_tags_are_refused(told, as_user):
    with pytest.raises(MlflowException, match="written by this server only"):
        as_user(person("ada")).set_model_version_tag(NAME, "1", "imprimatur.approved", "true")


def test_alias_of_a_prompt_is_protected_too(as_user):
    ada = as_user(person("ada"))
    ada.register_prompt("greeting", "Hello {{ name }}.")
    assert "ungoverned" in refused(ada.set_prompt_alias, "greeting", "champion", 1)
