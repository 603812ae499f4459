"""Calls of the facade as MLflow's client makes them, without a socket."""

import json

from django.test import Client

from tests.api.clients import token_of

API = "/api/2.0/mlflow/"


def caller(user, *scopes):
    """A function `call(method, path, **fields)` for the person, with a token of the scopes."""
    client = Client(headers={"authorization": f"Bearer {token_of(user, *scopes)}"})

    def call(method, path, **fields):
        if method == "GET":
            return client.get(API + path, fields)
        body = json.dumps(fields)
        return client.generic(method, API + path, body, content_type="application/json")

    call.client = client
    return call
