from django.apps import AppConfig


class UsecasesConfig(AppConfig):
    name = "governance.usecases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.usecases import listeners

        listeners.connect()
