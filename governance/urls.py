"""Composition root of the doors."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.defaults import server_error

from governance.api import errors as api_errors
from governance.api import hooks
from governance.api.mlflow import errors as mlflow_errors
from governance.runtime import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("account/", include("allauth.account.urls")),
    path("account/factors/", include("allauth.mfa.urls")),
    path("api/", include("governance.api.urls")),
    path("hooks/mlflow/<uuid:pk>", hooks.mlflow),
    path("", include("governance.web.urls")),
]


def broken(request: HttpRequest) -> HttpResponse:
    """Answers our own mistakes: to pipelines in the shape they read, to people as a page."""
    if request.path.startswith(("/api/2.0/", "/api/3.0/")):
        return mlflow_errors.broken(request)
    if request.path.startswith("/api/"):
        return api_errors.broken(request)
    return server_error(request)


handler500 = broken
