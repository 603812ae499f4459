from django.apps import AppConfig


class BlessingConfig(AppConfig):
    name = "governance.blessing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.blessing import jobs

        jobs.connect()
