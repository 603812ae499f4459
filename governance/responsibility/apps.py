from django.apps import AppConfig


class ResponsibilityConfig(AppConfig):
    name = "governance.responsibility"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.responsibility import listeners

        listeners.connect()
