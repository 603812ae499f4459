from django.apps import AppConfig


class InfraConfig(AppConfig):
    name = "governance.infra"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.infra import tasks
        from governance.infra.services import CHECK
        from governance.jobs import handlers

        handlers.register(
            CHECK, title="Infra check", work=tasks.work, store=tasks.store, fail=tasks.fail
        )
