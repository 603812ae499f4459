from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "governance.release"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.release import listeners

        listeners.connect()
