"""The Celery side of use cases."""

from celery import shared_task

from governance.usecases import services


@shared_task(name="governance.usecases.tasks.refresh_grants")
def refresh_grants() -> None:
    services.refresh_grants()
