from django.apps import AppConfig


class BackTestsConfig(AppConfig):
    name = "governance.backtests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.backtests import jobs

        jobs.connect()
