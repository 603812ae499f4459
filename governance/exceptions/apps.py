from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    name = "governance.exceptions"
    default_auto_field = "django.db.models.BigAutoField"
