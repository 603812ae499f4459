import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.evaluation.models import Evaluation
from governance.jobs import runner
from governance.jobs.models import Job
from tests.api.clients import V1, bearing
from tests.evaluation.factories import parquet, predictions
from tests.registry import factories

EVALUATIONS = f"{V1}models/credit-scoring/versions/1/evaluations/"
COLUMNS = {"score": "score", "label": "bad", "row_key": "id", "slices": ["age"]}


@pytest.fixture
def version(ada):
    return factories.version(owner=ada)


def upload(client, file=None, *, columns=COLUMNS, **fields):
    body = {
        "source": file or parquet(predictions()),
        "columns": columns if isinstance(columns, str) else json.dumps(columns),
        "dataset_name": "hold-out",
        **fields,
    }
    return client.post(EVALUATIONS, body, format="multipart")


def test_predictions_are_accepted_and_their_job_can_be_followed(api, version):
    accepted = upload(api, threshold=0.3, period_start="2024-01-01", period_end="2024-01-31")

    body = accepted.json()
    assert accepted.status_code == 202
    assert accepted["Location"].endswith(f"{V1}jobs/{body['job']['id']}/")
    assert (body["evaluation"]["state"], body["evaluation"]["threshold"]) == ("requested", 0.3)
    assert api.get(accepted["Location"]).json()["state"] == "queued"


def test_the_figures_and_curves_can_be_read(api, version):
    evaluation = upload(api).json()["evaluation"]
    runner.run(evaluation["job"])

    body = api.get(f"{V1}evaluations/{evaluation['id']}/").json()

    overall = {m["metric"]: m for m in body["measurements"] if not m["slice_field"]}
    assert (body["state"], body["rows"]) == ("finished", 400)
    assert overall["auc"]["low"] < overall["auc"]["value"] < overall["auc"]["high"]
    assert {m["slice_value"] for m in body["measurements"]} == {"", "old", "young"}
    assert {"roc", "calibration"} <= {curve["kind"] for curve in body["curves"]}


def test_a_file_on_the_server_is_named_instead_of_sent(api, version, tmp_path, settings):
    settings.EVALUATION_ROOTS = [str(tmp_path)]
    predictions().to_parquet(tmp_path / "p.parquet")
    body = {"source": str(tmp_path / "p.parquet"), "columns": COLUMNS, "dataset_name": "d"}

    accepted = api.post(EVALUATIONS, body)

    assert accepted.status_code == 202
    assert accepted.json()["evaluation"]["source_kind"] == "path"


@pytest.mark.parametrize("source", ["/etc/passwd", "https://example.org/p.csv", "../p.csv"])
def test_a_source_outside_the_open_places_is_refused(api, version, source):
    body = {"source": source, "columns": COLUMNS, "dataset_name": "d"}

    response = api.post(EVALUATIONS, body)

    assert (response.status_code, response.json()["field"]) == (422, "source")
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"columns": "{"}, "columns"),
        ({"columns": "[]"}, "columns"),
        ({"columns": {"score": "score"}}, "columns.label"),
        ({"task": "fortune-telling"}, "task"),
        ({"parameters": '{"depth": 3}'}, "parameters"),
        ({"threshold": "1.5"}, "threshold"),
        ({"threshold": "nan"}, "threshold"),
        ({"dataset_name": ""}, "dataset_name"),
        ({"period_end": "yesterday"}, "period_end"),
        ({"source": "not a file"}, "source"),
        ({"source": SimpleUploadedFile("empty.csv", b"")}, "source"),
    ],
    ids=str,
)
def test_a_field_that_cannot_be_used_is_named(api, version, changes, field):
    response = upload(api, **changes)

    assert response.status_code in {400, 422}
    body = response.json()
    assert field in body.get("errors", {}) or body.get("field") == field
    assert not Job.objects.exists()


def test_a_column_the_file_lacks_is_named(api, version):
    response = upload(api, columns=COLUMNS | {"label": "default"})

    assert response.status_code == 422
    assert response.json()["field"] == "columns.label"
    assert "The file has no column “default”; it has id, score" in response.json()["detail"]


def test_a_file_that_is_none_is_refused(api, version):
    response = upload(api, SimpleUploadedFile("x.parquet", b"PAR1 nonsense"))

    assert (response.status_code, response.json()["field"]) == (422, "source")


def test_an_upload_above_the_limit_is_413(api, version, settings):
    settings.EVALUATION_MAX_BYTES = 100

    response = upload(api)

    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert not Evaluation.objects.exists()


def test_an_upload_far_above_the_limit_is_not_even_read(api, version, settings, monkeypatch):
    settings.EVALUATION_MAX_BYTES = 1
    monkeypatch.setattr("governance.api.parsers.MULTIPART_OVERHEAD", 0)

    response = upload(api)

    assert response.status_code == 413
    assert "at most 1 are read here" in response.json()["detail"]


def test_rows_that_cannot_be_used_fail_the_job_with_the_line(api, version):
    rows = io.BytesIO(b"score,bad\n0.2,1\n1.7,0\n")
    accepted = upload(
        api,
        SimpleUploadedFile("p.csv", rows.read()),
        columns={"score": "score", "label": "bad"},
    ).json()
    runner.run(accepted["job"]["id"])

    job = api.get(f"{V1}jobs/{accepted['job']['id']}/").json()
    evaluation = api.get(f"{V1}evaluations/{accepted['evaluation']['id']}/").json()

    assert job["state"] == evaluation["state"] == "failed"
    assert job["reason"] == evaluation["reason"]
    assert job["reason"].startswith("Line 3:")
    assert evaluation["measurements"] == []


def test_two_evaluations_of_the_same_rows_are_compared(api, version):
    made = [upload(api, parquet(predictions())).json()["evaluation"] for _ in range(2)]
    for evaluation in made:
        runner.run(evaluation["job"])
    ids = [one["id"] for one in made]
    shown = f"{V1}evaluations/{ids[0]}/comparison/?with="
    assert "not compared yet" in api.get(shown + ids[1]).json()["detail"]

    asked = api.post(f"{V1}comparisons/", {"evaluation": ids[0], "other": ids[1]}, "json")
    runner.run(asked.json()["job"]["id"])

    assert asked.status_code == 202 and asked["Location"].endswith(
        f"jobs/{asked.json()['job']['id']}/"
    )
    found = api.get(f"{V1}comparisons/{asked.json()['comparison']['id']}/").json()
    auc = found["differences"][0]
    assert (auc["metric"], auc["value"], auc["n"]) == ("auc", 0.0, 400)
    assert "no winner at this size" in auc["sentence"] and not auc["told_apart"]
    assert {one["slice_field"] for one in found["differences"]} == {"", "age"}
    assert api.get(shown + ids[1]).json() == found
    assert api.get(f"{V1}comparisons/?evaluation={ids[0]}").json()["count"] == 1
    assert api.get(f"{V1}comparisons/?evaluation={ids[1]}").json()["count"] == 0
    assert api.get(f"{shown}nonsense").status_code == 400
    assert api.get(f"{shown}0b6f1c7e-8a51-4f0e-9d0c-2f5d3a1f0a11").status_code == 404


def test_an_evaluation_that_is_not_finished_is_not_compared(api, version):
    ids = [upload(api).json()["evaluation"]["id"] for _ in range(2)]
    asked = api.post(f"{V1}comparisons/", {"evaluation": ids[0], "other": ids[1]}, "json")
    assert asked.status_code == 409
    assert asked.json()["detail"] == "Only finished evaluations can be compared."


def test_evaluations_are_filtered(api, version):
    upload(api)

    def count(query):
        return api.get(f"{V1}evaluations/?{query}").json()["count"]

    assert count("model=credit-scoring&version=1&state=requested&dataset=HOLD") == 1
    assert count("version=2") == count("state=finished") == count("model=x") == 0


def test_a_token_without_the_scope_evaluate_hands_nothing_in(ada, version):
    response = upload(bearing(ada, "read", "register"))

    assert response.status_code == 403
    assert "lacks the scope evaluate" in response.json()["detail"]


def test_a_stranger_cannot_hand_in(stranger, version):
    assert upload(stranger).status_code == 404


def test_a_queued_job_is_cancelled_and_started_again(api, stranger, version):
    job = f"{V1}jobs/{upload(api).json()['job']['id']}/"

    cancelled = api.post(f"{job}cancellations/")
    again = api.post(f"{job}cancellations/")
    retried = api.post(f"{job}retries/")

    assert cancelled.json()["reason"] == "Cancelled by Ada."
    assert again.status_code == 409
    assert retried.json()["state"] == "queued"
    assert stranger.get(job).status_code == 404
