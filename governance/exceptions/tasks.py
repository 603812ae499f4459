"""The Celery side of exceptions."""

from celery import shared_task

from governance.exceptions import services


@shared_task(name="governance.exceptions.tasks.expire_overdue", expires=600)
def expire_overdue() -> None:
    services.expire_overdue()


@shared_task(name="governance.exceptions.tasks.remind_of_endings", expires=600)
def remind_of_endings() -> None:
    services.remind_of_endings()
