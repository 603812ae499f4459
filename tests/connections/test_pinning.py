"""Sources led back through a real MLflow server: pinned, loadable without it, and watched."""

from datetime import timedelta

import mlflow
import pytest

from governance.audit.models import Entry
from governance.connections import services
from governance.jobs.models import Job
from registry import queries
from registry import services as registry
from registry.artifacts import manifest_digest
from registry.models import Artifact, ArtifactCheck
from tests.connections.factories import connection, run
from tests.connections.training import LABELS, ROWS, logged_model
from tests.registry import factories

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def registered(source, **more):
    return factories.version(source=source, **more)


def test_logged_model_is_pinned_loads_without_its_server_and_is_found_changed(
    there, monkeypatch
):
    logged = logged_model(there.url)
    connection(there.url)
    version = registered(f"models:/{logged.model_id}")
    job = run(services.PIN)

    assert job.state == Job.State.SUCCEEDED, job.reason
    artifact = Artifact.objects.get(version=version)
    assert artifact.location.startswith(f"{there.url}/api/2.0/mlflow-artifacts/artifacts/")
    assert artifact.parameters == {"C": "0.5"}
    assert artifact.metrics == {"auc": 0.81}
    assert artifact.run_id == logged.run_id
    assert artifact.run_link.endswith(f"/runs/{logged.run_id}")
    assert "MLmodel" in {one["path"] for one in artifact.files}
    assert artifact.digest == manifest_digest(artifact.files)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    loaded = mlflow.pyfunc.load_model(queries.location(version))
    assert list(loaded.predict(ROWS)) == LABELS

    services.check_soon(version)
    run(services.CHECK)
    assert queries.present_digest(version) == artifact.digest
    assert not Entry.objects.filter(event="registry.artifact.changed").exists()

    next((there.folder / "artifacts").rglob(f"{logged.model_id}/**/model.pkl")).write_bytes(
        b"x"
    )
    services.check_soon(version)
    run(services.CHECK)
    assert queries.present_digest(version) != artifact.digest
    assert Entry.objects.filter(event="registry.artifact.changed").count() == 1


def test_source_by_run_is_pinned_as_its_logged_model(there):
    logged = logged_model(there.url)
    connection(there.url)
    version = registered(f"runs:/{logged.run_id}/model")
    job = run(services.PIN)
    assert job.state == Job.State.SUCCEEDED, job.reason
    assert logged.model_id in Artifact.objects.get(version=version).location


def test_unknown_source_fails_with_a_sentence_and_is_tried_again(there, monkeypatch):
    connection(there.url)
    version = registered("models:/m-0123456789abcdef0123456789abcdef")
    job = run(services.PIN)
    assert job.state == Job.State.FAILED
    assert "lab: 127.0.0.1 does not know what was asked for." in job.reason
    assert services.pin_again() == 0
    monkeypatch.setattr(services, "PIN_AGAIN_AFTER", timedelta(0))
    assert services.pin_again() == 1
    assert Job.objects.filter(kind=services.PIN, subject_id=str(version.pk)).count() == 2


def test_check_that_cannot_read_says_why(there):
    version = registered("s3://bucket/model")
    registry.pin_artifact(version, actor=None, location="https://gone.example.com/x")
    services.check_soon(version)
    run(services.CHECK)
    check = ArtifactCheck.objects.get(version=version)
    assert check.problem == "No tracking connection leads to where the files are."


def test_without_a_connection_nothing_is_queued():
    registered("models:/m-0123456789abcdef0123456789abcdef")
    assert not Job.objects.filter(kind=services.PIN).exists()
