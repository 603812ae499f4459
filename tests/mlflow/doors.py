"""Every door of the facade with a call that succeeds for the owner; a new door belongs here."""

from governance.api.mlflow import urls

PREFIX = "2.0/mlflow/"
M, V = {"name": "m"}, {"name": "m", "version": "1"}
KEY = {"key": "k"}
HOOK = {
    "name": "w",
    "url": "https://example.com/h",
    "events": [{"entity": "MODEL_VERSION", "action": "CREATED"}],
}

# method, path, fields, status for: nobody, a token that only reads, a stranger, a reader, the owner
DOORS = [
    ("POST", "registered-models/create", {"name": "new"}, "401 403 200 200 200"),
    ("GET", "registered-models/get", M, "401 200 404 200 200"),
    ("PATCH", "registered-models/update", M, "401 403 404 403 200"),
    ("POST", "registered-models/rename", M | {"new_name": "n"}, "401 403 404 403 200"),
    ("DELETE", "registered-models/delete", M, "401 403 404 403 200"),
    ("GET", "registered-models/search", {}, "401 200 200 200 200"),
    ("GET", "registered-models/get-latest-versions", M, "401 200 404 200 200"),
    ("POST", "registered-models/get-latest-versions", M, "401 200 404 200 200"),
    ("POST", "registered-models/set-tag", M | KEY, "401 403 404 403 200"),
    ("DELETE", "registered-models/delete-tag", M | KEY, "401 403 404 403 200"),
    ("GET", "registered-models/alias", M | {"alias": "a"}, "401 200 404 200 200"),
    ("POST", "registered-models/alias", V | {"alias": "b"}, "401 403 404 403 200"),
    ("DELETE", "registered-models/alias", M | {"alias": "a"}, "401 403 404 403 200"),
    ("POST", "model-versions/create", M | {"source": "s3://b/m"}, "401 403 404 403 200"),
    ("GET", "model-versions/get", V, "401 200 404 200 200"),
    ("PATCH", "model-versions/update", V, "401 403 404 403 200"),
    ("DELETE", "model-versions/delete", V, "401 403 404 403 200"),
    (
        "POST",
        "model-versions/transition-stage",
        V | {"stage": "Staging"},
        "401 403 404 403 200",
    ),
    ("GET", "model-versions/search", {}, "401 200 200 200 200"),
    ("GET", "model-versions/get-download-uri", V, "401 200 404 200 200"),
    ("POST", "model-versions/set-tag", V | KEY, "401 403 404 403 200"),
    ("DELETE", "model-versions/delete-tag", V | KEY, "401 403 404 403 200"),
    ("GET", "webhooks", {}, "401 200 200 200 200"),
    ("POST", "webhooks", HOOK, "401 403 200 200 200"),
]
# Their ids are in the address; tests/webhooks holds who may.
WITH_ID = {
    ("GET", "webhooks/<str:webhook_id>"),
    ("PATCH", "webhooks/<str:webhook_id>"),
    ("DELETE", "webhooks/<str:webhook_id>"),
    ("POST", "webhooks/<str:webhook_id>/test"),
}


def known() -> set[tuple[str, str]]:
    """Every method and address the facade has."""
    return {
        (method, str(pattern.pattern).removeprefix(PREFIX))
        for pattern in urls.urlpatterns
        for method in getattr(pattern.callback, "handlers", {})
    }
