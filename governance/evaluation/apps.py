from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "governance.evaluation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from governance.evaluation import comparing, tasks
        from governance.evaluation.services import MEASURE
        from governance.jobs import handlers

        handlers.register(
            MEASURE,
            title="Evaluation",
            work=tasks.work,
            store=tasks.store,
            fail=tasks.fail,
        )
        handlers.register(
            comparing.COMPARE,
            title="Comparison",
            work=comparing.work,
            store=comparing.store,
            fail=comparing.fail,
        )
