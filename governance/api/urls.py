"""Addresses of the API: its description, version 1, and a problem document for everything else."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from governance.api import addresses

app_name = "api"
docs = SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("v1/", include("governance.api.v1.urls")),
    path("", include("governance.api.mlflow.urls")),
    re_path("", addresses.unknown),
]
