"""Addresses of MLflow's registry, with and without the prefix its own screens use; nothing redirects."""

from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path

from governance.accounts.models import Scope
from governance.api.mlflow import aliases, models, versions, webhooks
from governance.api.mlflow.endpoint import endpoint
from governance.api.mlflow.errors import strayed


def server_info(request: HttpRequest) -> JsonResponse:
    """Asked only by clients with a workspace set, who then learn that there are none here."""
    return JsonResponse({"workspaces_enabled": False})


MODELS, VERSIONS = "2.0/mlflow/registered-models", "2.0/mlflow/model-versions"
WEBHOOKS = "2.0/mlflow/webhooks"
GET_LATEST = {"GET": models.latest_versions, "POST": models.latest_versions}

urlpatterns = [
    path("3.0/mlflow/server-info", server_info),
    # models
    path(f"{MODELS}/create", endpoint(POST=models.create)),
    path(f"{MODELS}/get", endpoint(GET=models.get)),
    path(f"{MODELS}/update", endpoint(PATCH=models.update)),
    path(f"{MODELS}/rename", endpoint(POST=models.rename)),
    path(f"{MODELS}/delete", endpoint(DELETE=models.delete)),
    path(f"{MODELS}/search", endpoint(GET=models.search)),
    path(f"{MODELS}/get-latest-versions", endpoint(Scope.READ, **GET_LATEST)),
    path(f"{MODELS}/set-tag", endpoint(POST=models.set_tag)),
    path(f"{MODELS}/delete-tag", endpoint(DELETE=models.delete_tag)),
    # aliases
    path(
        f"{MODELS}/alias",
        endpoint(GET=aliases.get, POST=aliases.set_alias, DELETE=aliases.delete),
    ),
    # versions
    path(f"{VERSIONS}/create", endpoint(POST=versions.create)),
    path(f"{VERSIONS}/get", endpoint(GET=versions.get)),
    path(f"{VERSIONS}/update", endpoint(PATCH=versions.update)),
    path(f"{VERSIONS}/delete", endpoint(DELETE=versions.delete)),
    path(f"{VERSIONS}/transition-stage", endpoint(POST=versions.transition)),
    path(f"{VERSIONS}/search", endpoint(GET=versions.search)),
    path(f"{VERSIONS}/get-download-uri", endpoint(GET=versions.download_uri)),
    path(f"{VERSIONS}/set-tag", endpoint(POST=versions.set_tag)),
    path(f"{VERSIONS}/delete-tag", endpoint(DELETE=versions.delete_tag)),
    # webhooks
    path(WEBHOOKS, endpoint(GET=webhooks.find, POST=webhooks.create)),
    path(
        f"{WEBHOOKS}/<str:webhook_id>",
        endpoint(GET=webhooks.get, PATCH=webhooks.update, DELETE=webhooks.delete),
    ),
    path(f"{WEBHOOKS}/<str:webhook_id>/test", endpoint(POST=webhooks.test)),
    # everything else under MLflow's prefixes
    re_path(r"^[23]\.0(/|$)", strayed),
]
