"""The Celery side of webhooks; the rows decide what happens."""

from celery import shared_task

from governance.webhooks import runner


@shared_task(name="governance.webhooks.tasks.deliver")
def deliver(webhook_id: str) -> None:
    runner.deliver(webhook_id)


@shared_task(name="governance.webhooks.tasks.deliver_one")
def deliver_one(delivery_id: str) -> None:
    runner.deliver_one(delivery_id)


@shared_task(name="governance.webhooks.tasks.sweep", expires=10)
def sweep() -> None:
    runner.sweep()
