"""The Celery side of approvals."""

from celery import shared_task

from governance.approvals import services


@shared_task(name="governance.approvals.tasks.expire_overdue")
def expire_overdue() -> None:
    services.expire_overdue()
