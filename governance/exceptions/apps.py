from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    name = "governance.exceptions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.exceptions import listeners

        listeners.connect()
