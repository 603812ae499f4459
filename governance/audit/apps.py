from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "governance.audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.audit import listeners

        listeners.connect()
