"""Django's entry for the commands that run the server; no models."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "governance.runtime"
