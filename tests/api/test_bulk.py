"""Many versions and tags in one call, search across models, and trail and lineage over REST."""

import json

import pytest

from governance.audit.models import Entry
from registry.models import ModelVersion
from tests.accounts.factories import person
from tests.api.clients import V1, bearing
from tests.registry import factories

VERSIONS, TAGS = f"{V1}bulk/versions/", f"{V1}bulk/tags/"


@pytest.fixture
def made(ada):
    return [factories.model(name, owner=ada) for name in ("alpha", "beta")]


def test_each_version_is_answered_for_itself(api, made):
    answer = api.post(
        VERSIONS,
        {
            "versions": [
                {"model": "alpha", "source": "s3://b/1", "tags": {"a": "1"}},
                {"model": "beta", "digest": "md5:1"},
                {"model": "gone"},
                {"source": "s3://b/2"},
                {"model": "alpha", "parent": {"model": "alpha", "number": 1}},
            ]
        },
    )

    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [one["status"] for one in results] == [201, 422, 404, 400, 201]
    assert results[0]["version"]["label"] == "alpha v1"
    assert results[0]["version"]["tags"] == {"a": "1"}
    assert results[1]["problem"]["field"] == "digest"
    assert results[4]["version"]["parent"] == {"model": "alpha", "number": 1}
    assert ModelVersion.objects.count() == 2


def test_all_or_none_are_registered(api, made):
    good = [{"model": "beta"}, {"model": "alpha"}]

    refused = api.post(
        VERSIONS, {"atomic": True, "versions": [*good, {"model": "alpha", "digest": "x"}]}
    )
    done = api.post(VERSIONS, {"atomic": True, "versions": good})

    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["index"] == 2
    assert refused.json()["detail"].endswith("Nothing was changed.")
    assert [one["version"]["label"] for one in done.json()["results"]] == [
        "beta v1",
        "alpha v1",
    ]


def test_a_refusal_in_all_or_none_stays_in_the_trail(made, ada):
    auditor = bearing(person("vi", "auditor"))

    refused = auditor.post(VERSIONS, {"atomic": True, "versions": [{"model": "alpha"}]})

    assert refused.status_code == 403
    assert Entry.objects.filter(refused=True, actor__username="vi").count() == 1
    assert not ModelVersion.objects.exists()


def test_tags_of_models_and_versions_are_set_and_taken_away(api, ada, made):
    factories.version(made[0], owner=ada, tags={"old": "1"})

    answer = api.post(
        TAGS,
        {
            "tags": [
                {"model": "alpha", "key": "team", "value": "risk"},
                {"model": "alpha", "version": 1, "key": "old", "value": None},
                {"model": "alpha", "version": 1, "key": "new", "value": ""},
                {"model": "alpha", "version": 9, "key": "new", "value": ""},
                {"model": "alpha", "key": "imprimatur.approved", "value": "true"},
            ]
        },
    )

    assert [one["status"] for one in answer.json()["results"]] == [200, 204, 200, 404, 422]
    assert api.get(f"{V1}models/alpha/").json()["tags"] == {"team": "risk"}
    assert api.get(f"{V1}models/alpha/versions/1/").json()["tags"] == {"new": ""}


def test_all_tags_or_none(api, made):
    tags = [
        {"model": "alpha", "key": "a", "value": "1"},
        {"model": "no", "key": "a", "value": "1"},
    ]

    assert api.post(TAGS, {"atomic": True, "tags": tags}).status_code == 404
    assert api.get(f"{V1}models/alpha/").json()["tags"] == {}


@pytest.mark.parametrize(
    ("address", "body"),
    [
        (VERSIONS, {"versions": []}),
        (VERSIONS, {"versions": [{"model": "alpha"}] * 101}),
        (VERSIONS, {"versions": "all"}),
        (VERSIONS, {"versions": [1]}),
        (TAGS, {"tags": [{"model": "alpha", "key": "k", "value": "v"}] * 501}),
        (TAGS, {}),
    ],
)
def test_too_many_or_none_are_refused_at_once(api, made, address, body):
    assert api.post(address, body).status_code == 400


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", ["x"], None, 3])
@pytest.mark.parametrize("atomic", [True, False])
def test_a_junk_name_is_the_callers_mistake(api, made, name, atomic):
    body = json.dumps({"atomic": atomic, "versions": [{"model": name}]})

    answer = api.generic("POST", VERSIONS, body, content_type="application/json")

    status = answer.status_code if atomic else answer.json()["results"][0]["status"]
    assert status in (400, 404, 422)


def test_a_stranger_changes_nothing(stranger, made):
    results = stranger.post(VERSIONS, {"versions": [{"model": "alpha"}]}).json()["results"]

    assert results[0]["status"] == 404
    assert not ModelVersion.objects.exists()


def test_versions_are_found_across_models(api, stranger, ada, made):
    for model, value in zip(made, ("linear", "tree"), strict=True):
        factories.version(model, owner=ada, tags={"kind": value})

    def found(client, query):
        results = client.get(f"{V1}versions/?{query}").json()["results"]
        return [one["label"] for one in results]

    assert found(api, "") == ["beta v1", "alpha v1"]
    assert found(api, "tag=kind") == ["beta v1", "alpha v1"]
    assert found(api, "tag=kind=tree") == found(api, "model=beta") == ["beta v1"]
    assert found(api, "name=LPH") == ["alpha v1"]
    assert found(stranger, "tag=kind") == []


def test_the_trail_of_a_model_speaks_in_sentences(api, ada, made):
    factories.version(made[0], owner=ada)

    body = api.get(f"{V1}models/alpha/trail/?search=Ada").json()

    assert [one["sentence"] for one in body["results"]] == [
        "Version registered: alpha v1",
        "Model registered: alpha",
    ]


def test_the_lineage_has_nodes_and_edges(api, ada, made):
    factories.version(made[0], owner=ada, code_commit="abc")

    body = api.get(f"{V1}models/alpha/versions/1/lineage/").json()

    assert [node["kind"] for node in body["nodes"]] == ["version", "code"]
    assert body["edges"] == [
        {"source": "code_commit", "target": "version", "words": "built by"}
    ]
