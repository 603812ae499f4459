"""Django's entry for the commands that run the server; loads the Celery application, no models."""

from importlib import import_module

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "governance.runtime"

    def ready(self) -> None:
        # Whoever enqueues a job must have the application that knows the broker.
        import_module("governance.celery")
