import pytest

from governance.audit.models import Entry
from tests.api.clients import V1, bearing
from tests.registry import factories

MODELS = f"{V1}models/"


def test_a_model_is_registered_and_read(api):
    made = api.post(MODELS, {"name": "credit scoring 2.0", "tags": {"domain": "credit"}})

    read = api.get(f"{MODELS}credit scoring 2.0/")
    assert made.status_code == 201
    assert made.json() == read.json()
    assert read.json()["tags"] == {"domain": "credit"}
    assert read.json()["use_case"] is None


def test_a_taken_name_is_a_conflict(api):
    api.post(MODELS, {"name": "m"})

    response = api.post(MODELS, {"name": "m"})

    assert response.status_code == 409
    assert response.json()["code"] == "name_taken"


def test_a_stranger_neither_sees_nor_lists_a_model(api, stranger):
    api.post(MODELS, {"name": "m"})

    assert stranger.get(f"{MODELS}m/").status_code == 404
    assert stranger.get(MODELS).json()["count"] == 0


def test_an_auditor_reads_a_model_and_may_not_change_it(api, auditor):
    api.post(MODELS, {"name": "m"})

    response = auditor.patch(f"{MODELS}m/", {"description": "mine"})

    assert auditor.get(f"{MODELS}m/").status_code == 200
    assert response.status_code == 403
    assert response.json()["detail"].startswith("You may not register, describe or tag")
    assert Entry.objects.filter(refused=True, event="registry.model.updated").exists()


def test_a_model_is_described_renamed_tagged_and_deleted(api, open_gate):
    api.post(MODELS, {"name": "m"})

    assert api.patch(f"{MODELS}m/", {"description": "d"}).json()["description"] == "d"
    assert api.put(f"{MODELS}m/tags/team/x/", {"value": "risk"}).json() == {"value": "risk"}
    renamed = api.post(f"{MODELS}m/renames/", {"name": "n"}).json()
    assert (renamed["name"], renamed["tags"]) == ("n", {"team/x": "risk"})
    assert api.delete(f"{MODELS}n/tags/team/x/").status_code == 204
    assert api.delete(f"{MODELS}n/").status_code == 204
    assert api.get(f"{MODELS}n/").status_code == 404


def test_a_version_is_registered_with_what_it_is_made_of(api):
    api.post(MODELS, {"name": "m"})
    first = api.post(f"{MODELS}m/versions/", {"source": "s3://b/1"})
    facts = {
        "source": "models:/m-123",
        "digest": factories.DIGEST,
        "parameters": {"threshold": 0.3},
        "parent": {"model": "m", "number": 1},
        "tags": {"kind": "logistic"},
    }

    made = api.post(f"{MODELS}m/versions/", facts)

    assert first.status_code == made.status_code == 201
    body = made.json()
    assert (body["number"], body["label"], body["model_id"]) == (2, "m v2", "m-123")
    assert {key: body[key] for key in facts} == facts


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", "/etc/passwd"),
        ("source", "file:///tmp/x"),
        ("digest", "md5:1"),
        ("parameters", {"a": "\x00"}),
        ("run_link", "javascript:alert(1)"),
    ],
)
def test_a_version_from_nowhere_is_refused_with_its_field(api, field, value):
    api.post(MODELS, {"name": "m"})

    response = api.post(f"{MODELS}m/versions/", {field: value})

    assert response.status_code == 422
    assert response.json()["field"] == field
    assert api.get(f"{MODELS}m/versions/").json()["count"] == 0


def test_a_parent_that_is_not_there_is_404(api):
    api.post(MODELS, {"name": "m"})

    response = api.post(f"{MODELS}m/versions/", {"parent": {"model": "m", "number": 9}})

    assert response.status_code == 404


def test_an_unknown_version_is_404_with_a_sentence(api):
    api.post(MODELS, {"name": "m"})

    for number in ("7", "99999999999999999999"):
        response = api.get(f"{MODELS}m/versions/{number}/")
        assert response.status_code == 404
        assert response.json()["code"] == "version_not_found"


def test_a_version_is_described_tagged_staged_and_deleted(api, open_gate):
    api.post(MODELS, {"name": "m"})
    one = f"{MODELS}m/versions/{api.post(f'{MODELS}m/versions/', {}).json()['number']}/"

    assert api.patch(one, {"description": "d"}).json()["description"] == "d"
    assert api.put(f"{one}tags/k/", {"value": ""}).status_code == 200
    staged = api.post(f"{one}stages/", {"stage": "Staging"}).json()
    assert (staged["stage"], staged["tags"]) == ("Staging", {"k": ""})
    assert api.delete(f"{one}tags/k/").status_code == 204
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_tags_of_the_server_are_not_written_by_others(api):
    api.post(MODELS, {"name": "m"})

    response = api.put(f"{MODELS}m/tags/imprimatur.approved/", {"value": "true"})

    assert response.status_code == 422


def test_an_unprotected_alias_moves_and_its_history_stays(api, open_gate):
    api.post(MODELS, {"name": "m"})
    for _ in range(2):
        api.post(f"{MODELS}m/versions/", {})

    for number in (1, 2):
        pointed = api.put(f"{MODELS}m/aliases/candidate/", {"version": number})
        assert pointed.json() == {"name": "candidate", "version": number}

    assert api.get(f"{MODELS}m/aliases/").json()["results"] == [pointed.json()]
    assert api.get(f"{MODELS}m/").json()["aliases"] == {"candidate": 2}
    assert api.delete(f"{MODELS}m/aliases/candidate/").status_code == 204
    assert api.get(f"{MODELS}m/aliases/candidate/").status_code == 404
    moves = api.get(f"{MODELS}m/moves/").json()["results"]
    assert [(m["from_version"], m["to_version"]) for m in moves] == [
        (2, None),
        (1, 2),
        (None, 1),
    ]


def test_a_protected_alias_is_refused_with_reasons_and_a_link(api, guarded):
    api.post(MODELS, {"name": "m"})
    api.post(f"{MODELS}m/versions/", {})

    response = api.put(f"{MODELS}m/aliases/champion/", {"version": 1})

    assert response.status_code == 403
    body = response.json()
    assert (body["code"], body["reasons"], body["link"]) == (
        "gate_closed",
        [
            "No valid clearance.",
            "m is ungoverned: a model outside any use case can never be cleared. Adopt it into one.",
        ],
        "/help/",
    )


def test_models_and_versions_are_filtered(api, open_gate):
    for name in ("alpha", "beta"):
        api.post(MODELS, {"name": name, "tags": {name: "1"}})
        api.post(f"{MODELS}{name}/versions/", {"run_id": f"run-{name}"})
    api.put(f"{MODELS}beta/aliases/best/", {"version": 1})

    def names(query):
        return [row["name"] for row in api.get(f"{MODELS}?{query}").json()["results"]]

    assert names("name=ALP") == ["alpha"]
    assert names("tag=beta") == names("alias=best") == ["beta"]
    assert names("order=-name") == ["beta", "alpha"]
    assert api.get(f"{MODELS}alpha/versions/?run_id=other").json()["count"] == 0


def test_me_tells_who_and_which_scopes(ada):
    body = bearing(ada, "read", "approve").get(f"{V1}me/").json()

    assert (body["username"], body["groups"]) == ("ada", ["member"])
    assert body["token"]["scopes"] == ["read", "approve"]
