from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "governance.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.accounts import groups, listeners

        post_migrate.connect(groups.synchronise_groups, dispatch_uid="accounts.groups")
        listeners.connect()
