from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "governance.jobs"
    default_auto_field = "django.db.models.BigAutoField"
