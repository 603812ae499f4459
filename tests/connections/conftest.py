"""One real `mlflow server` for the package, and the way to it."""

import os
from types import SimpleNamespace

import pytest

from tests.mlflow.tracking import mlflow_server

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


@pytest.fixture(scope="session")
def mlflow_there(tmp_path_factory):
    """The server's address, its client, and its folder."""
    folder = tmp_path_factory.mktemp("mlflow")
    with mlflow_server(folder) as url:
        from mlflow import MlflowClient

        client = MlflowClient(tracking_uri=url, registry_uri=url)
        yield SimpleNamespace(url=url, client=client, folder=folder)


@pytest.fixture
def there(mlflow_there, settings):
    """The same, for a server that may call it."""
    settings.CONNECTIONS_ALLOWED_HOSTS = [mlflow_there.url.removeprefix("http://")]
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.OpenGate"
    return mlflow_there
