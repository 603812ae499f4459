from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "governance.webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.webhooks import listeners
        from governance.webhooks.standard import listeners as standard

        listeners.connect()
        standard.connect()
