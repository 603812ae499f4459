from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "governance.connections"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.connections import jobs

        jobs.connect()
