from django.apps import AppConfig


class RaciConfig(AppConfig):
    name = "raci"
    default_auto_field = "django.db.models.BigAutoField"
