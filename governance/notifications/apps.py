from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "governance.notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.notifications import listeners

        listeners.connect()
