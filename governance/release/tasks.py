"""The Celery side of clearances; the rules are in services.py."""

from celery import shared_task

from governance.release import services


@shared_task(name="governance.release.tasks.lapse_overdue", expires=60)
def lapse_overdue() -> None:
    services.lapse_overdue()


@shared_task(name="governance.release.tasks.check_artifacts", expires=600)
def check_artifacts() -> None:
    services.check_artifacts()
