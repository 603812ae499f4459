"""A live server over a socket for MLflow's real client, and the client's environment."""

import os

import pytest
from django.db import connection

from tests.api.clients import token_of

# The client waits minutes for a server that fails; here a failure is a failure.
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"


@pytest.fixture(autouse=True)
def connections_end_with_their_request(monkeypatch):
    """A client that keeps its line open would hold a server thread's connection to the database."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)


@pytest.fixture
def as_user(live_server, monkeypatch):
    """Makes an MlflowClient whose registry is the live server, for the person given."""

    def client(user, *scopes):
        from mlflow import MlflowClient

        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(user, *scopes))
        return MlflowClient(registry_uri=live_server.url, tracking_uri="http://127.0.0.1:9")

    return client
