"""Webhooks for tests, at real receivers on this machine."""

from datetime import timedelta

from django.utils import timezone

from governance.webhooks import runner, services
from governance.webhooks.events import Event
from governance.webhooks.models import Delivery, Webhook
from tests.accounts.factories import person

SECRET = "whsec-höchst-geheim"
EVERY_EVENT = [event.value for event in Event]


def webhook(url="https://hooks.example.com/in", *, owner=None, **fields) -> Webhook:
    return services.create_webhook(
        actor=owner or person("ada"),
        url=url,
        **{"name": "ci", "events": EVERY_EVENT, "secret": SECRET, **fields},
    )


def later(seconds: float) -> None:
    """Lets so much time pass for everything that waits."""
    for field in ("rests_until", "busy_until", "failing_since"):
        _earlier(Webhook, field, seconds)
    for field in ("next_at", "created_at"):
        _earlier(Delivery, field, seconds)


def _earlier(model, field: str, seconds: float) -> None:
    for row in model.objects.exclude(**{field: None}):
        value = getattr(row, field) - timedelta(seconds=seconds)
        model.objects.filter(pk=row.pk).update(**{field: value})


def due() -> list[Delivery]:
    waiting = Delivery.objects.waiting().filter(next_at__lte=timezone.now())
    return list(waiting.order_by("created_at"))


def work() -> None:
    """Does what the workers would do now."""
    for hook in Webhook.objects.all():
        runner.deliver(str(hook.pk))
    for delivery in due():
        if delivery.is_test:
            runner.deliver_one(str(delivery.pk))
