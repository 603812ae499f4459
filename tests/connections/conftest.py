"""One real `mlflow server` for the package, and the way to it."""

import os
from types import SimpleNamespace

import pytest

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


@pytest.fixture(scope="session")
def mlflow_there(stock_mlflow):
    """The server's address, its client, and its folder."""
    from mlflow import MlflowClient

    url = stock_mlflow.url
    client = MlflowClient(tracking_uri=url, registry_uri=url)
    return SimpleNamespace(url=url, client=client, folder=stock_mlflow.folder)


@pytest.fixture
def there(mlflow_there, settings):
    """The same, for a server that may call it."""
    settings.CONNECTIONS_ALLOWED_HOSTS = [mlflow_there.url.removeprefix("http://")]
    settings.REGISTRY_ALIAS_GATE = "tests.registry.factories.OpenGate"
    return mlflow_there
