"""The Celery side of connections; services decide what is due, jobs do the work."""

from celery import shared_task

from governance.connections import services


@shared_task(name="governance.connections.tasks.reconcile", expires=60)
def reconcile() -> None:
    services.reconcile()


@shared_task(name="governance.connections.tasks.pin_again", expires=60)
def pin_again() -> None:
    services.pin_again()
