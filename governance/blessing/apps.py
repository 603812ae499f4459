from django.apps import AppConfig


class BlessingConfig(AppConfig):
    name = "governance.blessing"
    default_auto_field = "django.db.models.BigAutoField"
