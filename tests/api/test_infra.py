import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.infra.models import InfraCheck
from governance.jobs import runner
from tests.accounts.factories import person
from tests.api.clients import V1, bearing
from tests.infra import models
from tests.infra.factories import digest, table
from tests.registry import factories

CHECKS = f"{V1}infra-checks/"


@pytest.fixture
def version(ada):
    return factories.version(owner=ada, digest=digest(models.logistic()))


def send(client, **fields):
    body = {
        "model": "credit-scoring",
        "version": 1,
        "artifact": SimpleUploadedFile("model.onnx", models.logistic()),
        **fields,
    }
    return client.post(CHECKS, body, format="multipart")


def test_an_artifact_is_accepted_and_its_findings_can_be_read(api, version):
    rows = models.rows()
    columns = {f"f{at}": rows[:, at] for at in range(4)}
    stored = models.classifier().predict_proba(rows)[:, 1]

    accepted = send(
        api,
        rows=table(columns),
        golden=table(columns | {"score": stored}),
        expected=json.dumps({"score": "probabilities[1]"}),
        golden_within=1e-5,
        p95_ms=200,
        lowest=0,
        highest=1,
        range_output="probabilities",
    )

    body = accepted.json()
    assert accepted.status_code == 202
    assert accepted["Location"].endswith(f"{V1}jobs/{body['job']['id']}/")
    assert (body["check"]["state"], body["check"]["rows"]["kind"]) == ("requested", "upload")
    assert "stored" not in body["check"]["artifact"]
    runner.run(body["job"]["id"])
    found = api.get(f"{CHECKS}{body['check']['id']}/").json()
    assert (found["state"], found["artifact_digest"]) == ("passed", version.digest)
    by_key = {one["key"]: one for one in found["findings"]}
    assert by_key["golden"]["outcome"] == "pass"
    assert by_key["latency_p95"]["limit"] == 200
    assert found["ran_with"]["onnxruntime"]


def test_an_artifact_on_the_server_is_named(api, version, tmp_path, settings):
    settings.INFRA_ROOTS = [str(tmp_path)]
    (tmp_path / "model.onnx").write_bytes(models.logistic())
    body = {
        "model": "credit-scoring",
        "version": 1,
        "artifact": str(tmp_path / "model.onnx"),
        "seconds": 20,
    }

    accepted = api.post(CHECKS, body)

    assert accepted.status_code == 202
    check = accepted.json()["check"]
    assert (check["artifact"]["kind"], check["seconds"], check["golden"]) == ("path", 20, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seconds": 0}, "seconds"),
        ({"memory_mb": 10**12}, "memory_mb"),
        ({"p95_ms": "fast"}, "p95_ms"),
        ({"lowest": 1, "highest": 0}, "highest"),
        ({"expected": "{"}, "expected"),
        ({"expected": "[1]"}, "expected"),
        ({"artifact": "not a file"}, "artifact"),
        ({"rows": "not a file"}, "rows"),
        ({"version": 0}, "version"),
    ],
    ids=str,
)
def test_a_field_that_cannot_be_used_is_named(api, version, changes, field):
    answer = send(api, **changes)

    assert answer.status_code in {400, 422}
    body = answer.json()
    assert field in body.get("errors", {}) or body.get("field") == field
    assert not InfraCheck.objects.exists()


def test_a_body_longer_than_its_files_may_be_is_refused(api, version, settings):
    settings.INFRA_MAX_BYTES = settings.EVALUATION_MAX_BYTES = 10

    answer = send(api, rows=SimpleUploadedFile("rows.csv", b"a" * 1_100_000))

    assert answer.status_code in {400, 413}
    assert not InfraCheck.objects.exists()


@pytest.mark.parametrize("changes", [{"version": 99}, {"model": "unknown"}])
def test_a_version_that_is_not_there_is_not_found(api, version, changes):
    assert send(api, **changes).status_code == 404


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.onnx", "https://example.org/m.onnx", ""])
def test_an_artifact_outside_the_open_folders_is_refused(api, version, path):
    answer = api.post(CHECKS, {"model": "credit-scoring", "version": 1, "artifact": path})

    assert (answer.status_code, answer.json()["field"]) == (422, "artifact")


def test_checks_are_listed_by_version(api, version, ada):
    other = factories.version(version.model, owner=ada)
    first = send(api).json()["check"]["id"]
    second = send(api, version=other.number).json()["check"]["id"]

    def ids(**query):
        return [one["id"] for one in api.get(CHECKS, query).json()["results"]]

    assert ids() == [second, first]
    assert ids(model="credit-scoring", version=1) == [first]
    assert ids(state="passed") == []


def test_a_stranger_finds_none(api, version):
    check = send(api).json()["check"]["id"]
    stranger = bearing(person("cy"))

    assert stranger.get(CHECKS).json()["count"] == 0
    assert stranger.get(f"{CHECKS}{check}/").status_code == 404
    assert send(stranger).status_code == 404
