from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "governance.policies"
    default_auto_field = "django.db.models.BigAutoField"
