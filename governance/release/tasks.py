"""The Celery side of clearances; the rules are in services.py."""

from celery import shared_task

from governance.release import revalidating, services


@shared_task(name="governance.release.tasks.lapse_overdue", expires=60)
def lapse_overdue() -> None:
    services.lapse_overdue()


@shared_task(name="governance.release.tasks.check_artifacts", expires=600)
def check_artifacts() -> None:
    services.check_artifacts()


@shared_task(name="governance.release.tasks.call_for_revalidation", expires=600)
def call_for_revalidation() -> None:
    revalidating.call_due()
