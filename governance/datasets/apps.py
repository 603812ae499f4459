from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "governance.datasets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.datasets import services, tasks
        from governance.evaluation.signals import evaluated
        from governance.jobs import handlers

        handlers.register(
            services.PROFILE,
            title="Profile of a data set",
            work=tasks.work,
            store=tasks.store,
            fail=tasks.fail,
        )
        evaluated.connect(services.remember_named, dispatch_uid="datasets.remember_named")
