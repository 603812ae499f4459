"""The search language: what it reads, what it refuses, and that it finds what MLflow would find."""

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mlflow.entities.model_registry import ModelVersion, ModelVersionTag
from mlflow.utils.search_utils import SearchModelVersionUtils

from governance.api.mlflow.errors import Fault
from governance.api.mlflow.search import (
    MODELS,
    VERSIONS,
    Comparison,
    Sort,
    parse_filter,
    parse_order,
)
from registry import services
from registry.models import ModelVersion as Ours
from tests.accounts.factories import person
from tests.mlflow.calls import caller
from tests.registry import factories


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = 'a'", [("attribute", "name", "=", "a")]),
        ('name="a"', [("attribute", "name", "=", "a")]),
        ("attribute.name LIKE 'a%'", [("attribute", "name", "LIKE", "a%")]),
        ("name ilike '%A_'", [("attribute", "name", "ILIKE", "%A_")]),
        (
            "tags.team = 'x' and tag.k != 'y'",
            [("tag", "team", "=", "x"), ("tag", "k", "!=", "y")],
        ),
        ("tags.`a.b c` = 'x'", [("tag", "a.b c", "=", "x")]),
        ("tags.\"a.b\" = 'x'", [("tag", "a.b", "=", "x")]),
        ("tags.a.b = 'x'", [("tag", "a.b", "=", "x")]),
        ("run_id IN ('r', \"s\")", [("attribute", "run_id", "IN", ("r", "s"))]),
        ("name not  in ('r')", [("attribute", "name", "NOT IN", ("r",))]),
        ("version_number >= 3", [("attribute", "version_number", ">=", 3)]),
        ("source_path = 'it''s'", [("attribute", "source_path", "=", "it's")]),
        ("  ", []),
    ],
)
def test_filter_is_read(text, expected):
    assert parse_filter(text, VERSIONS) == [Comparison(*one) for one in expected]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'a' OR name = 'b'", "Invalid clause"),
        ("(name = 'a')", "Invalid clause"),
        ("NOT name = 'a'", "Invalid clause"),
        ("name = 'a'; name = 'b'", "Invalid clause"),
        ("name = 'a", "Invalid clause"),
        ("name = a", "Invalid clause"),
        ("name", "Invalid clause"),
        ("name = 'a' AND", "ends too early"),
        ("name IN ()", "at least one value"),
        ("name IN (1)", "quoted string"),
        ("run_id IN 'a'", "Invalid clause"),
        ("source_path IN ('a')", "Invalid comparator"),
        ("tags.a IN ('a')", "Invalid comparator"),
        ("tags.a > 'a'", "Invalid comparator"),
        ("tags.a = 1", "quoted string"),
        ("name = 5", "quoted string"),
        ("version_number = '3'", "numeric attribute"),
        ("version_number = 3.5", "numeric attribute"),
        ("version_number LIKE 3", "Invalid comparator"),
        ("version_number > 99999999999999999999", "numeric attribute"),
        ("color = 'a'", "Invalid attribute key"),
        ("params.a = 'a'", "Invalid entity type"),
        ("a" * 20_001, "at most 20,000"),
        (" AND ".join(["name = 'a'"] * 51), "at most 50"),
    ],
)
def test_filter_is_refused_with_the_clause_at_fault(text, said):
    with pytest.raises(Fault, match=said) as refusal:
        parse_filter(text, VERSIONS)
    assert refusal.value.code == "INVALID_PARAMETER_VALUE"


def test_models_know_the_name_only():
    with pytest.raises(Fault, match="Invalid attribute key 'run_id'"):
        parse_filter("run_id = 'a'", MODELS)


def test_order_is_read():
    given_order = ["name", "version_number desc", "attribute.last_updated_timestamp ASC"]
    assert parse_order(given_order, VERSIONS) == [
        Sort("name", True),
        Sort("number", False),
        Sort("updated", True),
    ]


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        (["color"], "Invalid order by key"),
        (["name UP"], "Invalid order_by"),
        (["name ASC DESC"], "Invalid order_by"),
        ([""], "Invalid order_by"),
        (["name", "name DESC"], "duplicate"),
    ],
)
def test_order_is_refused(clauses, said):
    with pytest.raises(Fault, match=said):
        parse_order(clauses, VERSIONS)


# Without a backslash, which MLflow's own reader stumbles over.
texts = st.sampled_from(["a", "A", "ab", "b%", "_", "a_", "%", "", "ü", "true", "false"])
keys = st.sampled_from(["k", "a.b", "other", "mlflow.prompt.is_prompt"])
likes = st.sampled_from(["=", "!=", "LIKE", "ILIKE"])
comparisons = st.one_of(
    st.builds(
        "{} {} '{}'".format, st.sampled_from(["name", "run_id", "source_path"]), likes, texts
    ),
    st.builds("tags.`{}` {} '{}'".format, keys, likes, texts),
    st.builds(
        "version_number {} {}".format,
        st.sampled_from(["=", "!=", ">", ">=", "<", "<="]),
        st.integers(-1, 4),
    ),
    st.builds(
        "{} {} ({})".format,
        st.sampled_from(["name", "run_id"]),
        st.sampled_from(["IN", "NOT IN"]),
        st.lists(texts.map("'{}'".format), min_size=1, max_size=3).map(", ".join),
    ),
)
filters = st.lists(comparisons, min_size=1, max_size=3).map(" AND ".join)


def as_mlflow(version):
    """Our version as MLflow's own object, for MLflow's own filter."""
    tags = [ModelVersionTag(tag.key, tag.value) for tag in version.tags.all()]
    return ModelVersion(
        name=version.model.name,
        version=version.number,
        creation_timestamp=0,
        source=version.source,
        run_id=version.run_id,
        tags=tags,
        current_stage="None",
    )


def by_mlflow(versions, text):
    """What MLflow's filter finds; for lists of NOT IN it has a filter in SQL only."""
    positive = [part for part in text.split(" AND ") if " NOT IN " not in part]
    found = SearchModelVersionUtils.filter(versions, " AND ".join(positive))
    for part in text.split(" AND "):
        if " NOT IN " in part:
            key, _, values = part.partition(" NOT IN ")
            listed = [value.strip().strip("'") for value in values.strip("()").split(",")]
            found = [one for one in found if getattr(one, key) not in listed]
    return found


@pytest.mark.django_db
def test_versions_are_found_as_mlflow_finds_them():
    ada = person("ada")
    for name in ("a", "ab", "ü"):
        model = factories.model(name, owner=ada)
        for number, value in enumerate(["a", "b%", "true"]):
            factories.version(
                model,
                owner=ada,
                source=f"s3://{'ab'[number % 2]}/x",
                run_id=["a", "", "A"][number],
                tags={"k": value, "a.b": "AB"} if number else {},
            )
    theirs = [as_mlflow(one) for one in Ours.objects.select_related("model")]
    call = caller(ada)

    @hypothesis_settings(
        max_examples=150, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(filters)
    def compare(text):
        answer = call("GET", "model-versions/search", filter=text)
        assert answer.status_code == 200, (text, answer.content)
        ours = {
            (one["name"], one["version"]) for one in answer.json().get("model_versions", [])
        }
        assert ours == {(one.name, str(one.version)) for one in by_mlflow(theirs, text)}, text

    compare()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "order",
    [[], ["name"], ["name DESC", "version_number"], ["creation_timestamp"], ["version_number"]],
)
def test_pages_hold_every_version_once_in_order(order):
    ada = person("ada")
    for name in ("b", "a", "c"):
        model = factories.model(name, owner=ada)
        for _ in range(4):
            factories.version(model, owner=ada)
    call = caller(ada)
    whole = call("GET", "model-versions/search", order_by=order).json()["model_versions"]

    pages, token = [], ""
    while True:
        page = call(
            "GET", "model-versions/search", order_by=order, max_results=5, page_token=token
        ).json()
        pages += page["model_versions"]
        token = page.get("next_page_token")
        if not token:
            break

    assert pages == whole
    assert len(whole) == 12


@pytest.mark.django_db
def test_page_survives_what_is_registered_meanwhile():
    ada = person("ada")
    for name in ("a", "c", "e"):
        factories.model(name, owner=ada)
    call = caller(ada)
    first = call("GET", "registered-models/search", max_results=2).json()
    factories.model("b", owner=ada)
    second = call(
        "GET", "registered-models/search", max_results=2, page_token=first["next_page_token"]
    ).json()
    assert [one["name"] for one in second["registered_models"]] == ["e"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token",
    ["junk", "e30=", "W10=", "bnVsbA==", "ä", "eyJzZWFyY2giOiAiYSIsICJhZnRlciI6IFtdfQ=="],
)
def test_junk_token_is_refused(token):
    answer = caller(person("ada"))("GET", "registered-models/search", page_token=token)
    assert answer.status_code == 400
    assert "Invalid page token" in answer.json()["message"]


@pytest.mark.django_db
def test_token_of_another_search_is_refused():
    ada = person("ada")
    for name in "ab":
        factories.model(name, owner=ada)
    call = caller(ada)
    page = call("GET", "registered-models/search", max_results=1).json()
    answer = call(
        "GET",
        "registered-models/search",
        filter="name = 'a'",
        page_token=page["next_page_token"],
    )
    assert "another filter" in answer.json()["message"]


@pytest.mark.django_db
def test_created_is_written_as_it_is_read():
    call = caller(person("ada"))
    model = call(
        "POST", "registered-models/create", name="m", tags=[{"key": "k", "value": "v"}]
    )
    assert model.json() == call("GET", "registered-models/get", name="m").json()
    version = call("POST", "model-versions/create", name="m", source="s3://b/m", run_id="r")
    read = call("GET", "model-versions/get", name="m", version="1")
    assert json.loads(version.content) == json.loads(read.content)


@pytest.mark.django_db
@pytest.mark.parametrize("comparator", ["=", "LIKE", "ILIKE"])
def test_backslash_is_a_letter_like_any_other(comparator):
    ada = person("ada")
    factories.version(factories.model("m", owner=ada), owner=ada, tags={"path": "c:\\"})
    text = f"tags.path {comparator} 'c:\\'"
    found = caller(ada)("GET", "model-versions/search", filter=text).json()
    assert [one["name"] for one in found["model_versions"]] == ["m"]


@pytest.mark.django_db
def test_pinned_facts_of_the_run_are_told():
    ada = person("ada")
    version = factories.version(owner=ada, source="models:/m-1")
    services.pin_artifact(
        version,
        actor=None,
        location="mlflow-artifacts://tracking/1",
        run_id="r",
        run_link="https://tracking/runs/r",
        parameters={"C": "0.5"},
        metrics={"auc": 0.8},
    )
    call = caller(ada)
    read = call("GET", "model-versions/get", name="credit-scoring", version="1").json()
    told = read["model_version"]
    assert (told["run_id"], told["run_link"]) == ("r", "https://tracking/runs/r")
    assert told["model_params"] == [{"name": "C", "value": "0.5"}]
    assert told["model_metrics"] == [{"key": "auc", "value": 0.8}]
    uri = call("GET", "model-versions/get-download-uri", name="credit-scoring", version="1")
    assert uri.json() == {"artifact_uri": "mlflow-artifacts://tracking/1"}
