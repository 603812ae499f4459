"""An infra check brings what is pinned from a real MLflow server, and finds when it is not the same any more."""

import mlflow
import onnx
import pytest

from governance.connections import services
from governance.connections.models import Connection
from governance.errors import Invalid
from governance.infra import services as infra
from tests.connections.factories import connection, run
from tests.connections.training import logged_model
from tests.infra import models
from tests.infra.factories import findings, outcomes
from tests.registry import factories

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def logged_onnx(url):
    mlflow.set_tracking_uri(url)
    mlflow.set_experiment("credit")
    try:
        with mlflow.start_run():
            return mlflow.onnx.log_model(
                onnx.load_from_string(models.logistic()),
                name="model",
                pip_requirements=["onnxruntime>=1.20"],
            )
    finally:
        mlflow.set_tracking_uri(None)


def pinned(there, logged):
    connection(there.url)
    version = factories.version(source=f"models:/{logged.model_id}")
    run(services.PIN)
    return version


def checked(version):
    check = infra.request_check(version, actor=version.created_by)
    run(infra.CHECK)
    check.refresh_from_db()
    return check


def test_an_onnx_model_is_fetched_from_where_it_is_pinned_and_passes(there):
    version = pinned(there, logged_onnx(there.url))

    check = checked(version)

    assert (check.state, check.artifact["kind"]) == ("passed", "pinned")
    assert check.artifact_digest == version.artifact.digest
    assert outcomes(check)["versions"] == "pass"


def test_what_changed_since_it_was_pinned_is_not_opened(there):
    logged = logged_onnx(there.url)
    version = pinned(there, logged)
    folder = there.folder / "artifacts"
    next(folder.rglob(f"{logged.model_id}/**/model.onnx")).write_bytes(models.identity())

    check = checked(version)

    assert (check.state, outcomes(check)["digest"]) == ("failed", "fail")
    assert outcomes(check)["opens"] == "skipped"


def test_a_pickled_model_is_scanned_where_it_is_pinned(there):
    check = checked(pinned(there, logged_model(there.url)))

    assert check.state == "not_possible"
    assert "model.pkl is scanned, not opened" in findings(check)["opens"].sentence


def test_a_large_artifact_is_not_fetched_to_its_end(there, settings):
    version = pinned(there, logged_onnx(there.url))
    settings.INFRA_MAX_BYTES = 100

    check = checked(version)

    assert check.state == "not_possible"
    assert "larger than 100 bytes" in check.reason


def test_without_a_connection_the_check_says_so(there):
    version = pinned(there, logged_onnx(there.url))
    Connection.objects.update(is_enabled=False)

    check = checked(version)

    assert "No tracking connection leads to where the files are." in check.reason


def test_what_was_never_pinned_must_be_sent():
    version = factories.version()

    with pytest.raises(Invalid, match="Send the artifact"):
        infra.request_check(version, actor=version.created_by)
