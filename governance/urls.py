"""Composition root of the doors."""

from django.urls import include, path

from governance.runtime import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("account/", include("allauth.account.urls")),
    path("api/", include("governance.api.urls")),
    path("", include("governance.web.urls")),
]
