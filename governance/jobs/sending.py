"""Tasks of the beat that are not kept waiting for their turn."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def send_now(task: str, *arguments: object) -> None:
    """Sends the task now; while the broker is away, what it would do waits for the beat."""
    try:
        current_app.send_task(task, tuple(map(str, arguments)), retry=False)
    except OperationalError:
        log.warning("broker away, work waits for the beat", task=task)
