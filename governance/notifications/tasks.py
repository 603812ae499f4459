"""The Celery side of mail."""

from celery import shared_task

from governance.notifications import services
from governance.notifications.chat import sending as chat


@shared_task(name="governance.notifications.tasks.send_waiting")
def send_waiting() -> None:
    services.send_waiting()


@shared_task(name="governance.notifications.tasks.send_digests")
def send_digests() -> None:
    services.send_digests()


@shared_task(name="governance.notifications.tasks.send_chat")
def send_chat() -> None:
    chat.send_waiting()
