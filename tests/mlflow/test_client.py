"""MLflow's own client, unchanged, against the live facade."""

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from registry.models import ModelVersion
from tests.accounts.factories import person
from tests.api.clients import token_of
from tests.registry import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN


@pytest.fixture
def ada(as_user):
    return as_user(person("ada"))


def test_model_is_created_and_read(ada):
    made = ada.create_registered_model("fraud", {"team": "risk"}, "Scores transfers.")
    read = ada.get_registered_model("fraud")
    assert (made.name, read.description, read.tags) == (
        "fraud",
        "Scores transfers.",
        {"team": "risk"},
    )
    assert read.creation_timestamp == made.creation_timestamp > 1_600_000_000_000


def test_second_model_of_one_name_already_exists(ada):
    ada.create_registered_model("fraud")
    with pytest.raises(
        MlflowException, match=r"Registered Model \(name=fraud\) already exists"
    ) as error:
        ada.create_registered_model("fraud")
    assert error.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_version_is_created_and_read(ada):
    ada.create_registered_model("fraud")
    made = ada.create_model_version(
        "fraud", "s3://bucket/m", run_id="abc", tags={"a": "1"}, description="d"
    )
    read = ada.get_model_version("fraud", made.version)
    assert (read.version, read.status, read.current_stage) == ("1", "READY", "None")
    assert (read.source, read.run_id, read.tags, read.description) == (
        "s3://bucket/m",
        "abc",
        {"a": "1"},
        "d",
    )
    assert ada.get_model_version_download_uri("fraud", "1") == "s3://bucket/m"


def test_alias_is_set_moved_read_and_deleted(ada):
    ada.create_registered_model("fraud")
    for _ in range(2):
        ada.create_model_version("fraud", "s3://bucket/m")
    ada.set_registered_model_alias("fraud", "canary", "1")
    ada.set_registered_model_alias("fraud", "canary", "2")
    assert ada.get_model_version_by_alias("fraud", "canary").version == "2"
    assert ada.get_registered_model("fraud").aliases == {"canary": "2"}
    ada.delete_registered_model_alias("fraud", "canary")
    ada.delete_registered_model_alias("fraud", "canary")
    with pytest.raises(
        MlflowException, match="Registered model alias canary not found"
    ) as error:
        ada.get_model_version_by_alias("fraud", "canary")
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"


def test_latest_alias_is_the_newest_version(ada):
    ada.create_registered_model("fraud")
    for _ in range(2):
        ada.create_model_version("fraud", "s3://bucket/m")
    assert ada.get_model_version_by_alias("fraud", "latest").version == "2"


def test_stages_move_and_archive(ada):
    ada.create_registered_model("fraud")
    for _ in range(2):
        ada.create_model_version("fraud", "s3://bucket/m")
    ada.transition_model_version_stage("fraud", "1", "production")
    moved = ada.transition_model_version_stage(
        "fraud", "2", "Production", archive_existing_versions=True
    )
    assert moved.current_stage == "Production"
    assert ada.get_model_version("fraud", "1").current_stage == "Archived"
    assert [v.version for v in ada.get_latest_versions("fraud", ["Production"])] == ["2"]
    assert [v.version for v in ada.get_latest_versions("fraud")] == ["1", "2"]


def test_archiving_without_a_serving_stage_is_a_400(ada):
    ada.create_registered_model("fraud")
    ada.create_model_version("fraud", "s3://bucket/m")
    with pytest.raises(MlflowException, match="archived only") as error:
        ada.transition_model_version_stage("fraud", "1", "None", archive_existing_versions=True)
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"


def test_tags_are_set_replaced_and_deleted(ada):
    ada.create_registered_model("fraud")
    ada.create_model_version("fraud", "s3://bucket/m")
    ada.set_registered_model_tag("fraud", "k", "1")
    ada.set_registered_model_tag("fraud", "k", "2")
    ada.set_model_version_tag("fraud", "1", "k", 3)
    assert ada.get_registered_model("fraud").tags == {"k": "2"}
    assert ada.get_model_version("fraud", "1").tags == {"k": "3"}
    ada.delete_registered_model_tag("fraud", "k")
    ada.delete_registered_model_tag("fraud", "k")
    ada.delete_model_version_tag("fraud", "1", "k")
    assert ada.get_registered_model("fraud").tags == {}


def test_descriptions_change(ada):
    ada.create_registered_model("fraud", description="old")
    ada.create_model_version("fraud", "s3://bucket/m")
    assert ada.update_registered_model("fraud", "new").description == "new"
    assert ada.update_model_version("fraud", "1", "new").description == "new"


def test_rename_and_delete(ada):
    ada.create_registered_model("fraud")
    ada.create_registered_model("taken")
    ada.create_model_version("fraud", "s3://bucket/m")
    with pytest.raises(MlflowException, match="already exists"):
        ada.rename_registered_model("fraud", "taken")
    ada.rename_registered_model("fraud", "theft")
    ada.delete_model_version("theft", "1")
    assert ModelVersion.objects.get(number=1, model__name="theft").is_deleted
    assert ada.create_model_version("theft", "s3://bucket/m").version == "2"
    ada.delete_registered_model("theft")
    with pytest.raises(
        MlflowException, match="Registered Model with name=theft not found"
    ) as error:
        ada.get_registered_model("theft")
    assert error.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_missing_version_is_named(ada):
    ada.create_registered_model("fraud")
    with pytest.raises(
        MlflowException, match=r"Model Version \(name=fraud, version=9\) not found"
    ):
        ada.get_model_version("fraud", "9")


def test_search_versions_by_every_key(ada):
    for name in ("one", "two"):
        ada.create_registered_model(name)
        for number in range(3):
            ada.create_model_version(
                name, f"s3://b/{name}/{number}", run_id=f"r{number}", tags={"n": str(number)}
            )

    def found(text, **more):
        return [(v.name, v.version) for v in ada.search_model_versions(text, **more)]

    assert found("name = 'one' AND version_number > 1") == [("one", "3"), ("one", "2")]
    assert found("run_id IN ('r0') and name LIKE 't%'") == [("two", "1")]
    assert found("source_path = 's3://b/one/2'") == [("one", "3")]
    assert found("tags.n = '1'", order_by=["name DESC"]) == [("two", "2"), ("one", "2")]
    assert found("name NOT IN ('one') AND tag.`n` != '1'") == [("two", "3"), ("two", "1")]
    assert found("", order_by=["version_number ASC", "name"])[:2] == [
        ("one", "1"),
        ("two", "1"),
    ]


def test_token_lacking_the_scope_is_told(as_user):
    reader = as_user(person("ada"), "read")
    with pytest.raises(MlflowException, match="lacks the scope register") as error:
        reader.create_registered_model("fraud")
    assert error.value.error_code == "PERMISSION_DENIED"


def test_unseen_model_is_not_there(ada, as_user):
    ada.create_registered_model("fraud")
    stranger = as_user(person("cy"))
    with pytest.raises(MlflowException, match="not found"):
        stranger.get_registered_model("fraud")
    assert list(stranger.search_registered_models()) == []


def test_token_in_the_address_wins_over_the_tracking_credentials(live_server, monkeypatch):
    token = token_of(person("ada"))
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "somebody")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "else")
    address = live_server.url.replace("://", f"://token:{token}@")
    client = MlflowClient(registry_uri=address, tracking_uri="http://127.0.0.1:9")
    assert client.create_registered_model("fraud").name == "fraud"


def test_latest_versions_carry_their_aliases(ada):
    ada.create_registered_model("fraud")
    ada.create_model_version("fraud", "s3://bucket/m")
    ada.set_registered_model_alias("fraud", "canary", "1")
    [found] = ada.search_registered_models()
    assert found.latest_versions[0].aliases == ["canary"]
    assert [one.aliases for one in ada.search_model_versions()] == [["canary"]]


def test_copy_keeps_the_original_place(ada):
    ada.create_registered_model("fraud")
    ada.create_model_version("fraud", "s3://bucket/m")
    copied = ada.copy_model_version("models:/fraud/1", "copy")
    assert copied.source == "models:/fraud/1"
    assert ada.get_model_version_download_uri("copy", "1") == "s3://bucket/m"


def test_search_hides_prompts_and_pages(ada):
    for number in range(5):
        ada.create_registered_model(f"m{number}")
    ada.register_prompt("p", "Say {{ this }}.")
    first = ada.search_registered_models(max_results=2)
    second = ada.search_registered_models(max_results=2, page_token=first.token)
    third = ada.search_registered_models(max_results=2, page_token=second.token)
    assert [m.name for page in (first, second, third) for m in page] == [
        f"m{n}" for n in range(5)
    ]
    assert not third.token
    [prompt] = ada.search_registered_models("tags.`mlflow.prompt.is_prompt` = 'true'")
    assert prompt.name == "p"


def test_prompt_is_written_read_and_searched(ada):
    ada.register_prompt("greeting", "Hello {{ name }}.", tags={"tone": "kind"})
    ada.register_prompt("greeting", "Good day {{ name }}.")
    ada.set_prompt_alias("greeting", "draft", 2)
    assert ada.get_prompt_version("greeting", 1).template == "Hello {{ name }}."
    assert ada.get_prompt_version_by_alias("greeting", "draft").version == 2
    assert [one.name for one in ada.search_prompts()] == ["greeting"]
    assert ada.search_model_versions("name = 'greeting'") == []


def test_model_takes_no_placeholder(ada):
    ada.create_registered_model("fraud")
    with pytest.raises(MlflowException, match="local paths and other schemes"):
        ada.create_model_version("fraud", "dummy-source")


def test_copy_of_what_may_not_be_seen_is_refused(ada, as_user):
    ada.create_registered_model("fraud")
    ada.create_model_version("fraud", "s3://bucket/m")
    bo = as_user(person("bo"))
    with pytest.raises(MlflowException, match="Registered Model with name=fraud not found"):
        bo.copy_model_version("models:/fraud/1", "copy")
