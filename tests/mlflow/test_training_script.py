"""An ordinary MLflow script, with a tracking server of its own, governed by two variables."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from governance.runtime.processes import PROJECT
from registry.models import Alias, ModelVersion
from tests.accounts.factories import person
from tests.api.clients import token_of

SCRIPT = Path(PROJECT) / "docs" / "examples" / "mlflow_training.py"


def run(**environment: str) -> str:
    # the client leaves what it has chosen in the environment of the process that used it
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    ended = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=inherited | {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_script_registers_loads_and_is_refused_the_champion(
    live_server, stock_mlflow, settings
):
    settings.REGISTRY_ALIAS_GATE = "governance.release.gate.ReleaseGate"
    said = run(
        MLFLOW_TRACKING_URI=stock_mlflow.url,
        MLFLOW_REGISTRY_URI=live_server.url,
        MLFLOW_TRACKING_TOKEN=token_of(person("ada"), "read", "register"),
    )

    version = ModelVersion.objects.get(model__name="credit-mlflow")
    assert version.source == f"models:/{version.logged_model_id}"
    assert Alias.objects.get().name == "candidate"
    assert "Loaded models:/credit-mlflow@candidate: LogisticRegression" in said
    assert "Not champion yet." in said
    assert "credit-mlflow is ungoverned" in said
