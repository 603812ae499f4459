from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "governance.approvals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.approvals import listeners

        listeners.connect()
