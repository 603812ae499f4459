"""Reads over webhooks for the doors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from governance.errors import NotFound
from governance.webhooks.models import Delivery, Webhook

if TYPE_CHECKING:
    from governance.accounts.models import User


# By hand, since every write of the registry asks this: the ORM would take four times as long.
WAITING = """
    SELECT id, events, created_by_id FROM webhooks_webhook
    WHERE deleted_at IS NULL AND status = 'ACTIVE' AND events && %s::varchar[]
"""


class Waiting(NamedTuple):
    """A webhook that waits for an event."""

    pk: UUID
    events: list[str]
    maker: int


def waiting_for(events: Sequence[str]) -> list[Waiting]:
    """The active webhooks that wait for one of the events."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [list(events)])
        return [Waiting(*row) for row in cursor.fetchall()]


def webhook_of(webhook_id: str | UUID, *, user: "User", format: str = "") -> Webhook:
    """The webhook, if the person may see it, and if it is of that format where one is named."""
    try:
        key = webhook_id if isinstance(webhook_id, UUID) else UUID(webhook_id)
    except ValueError:
        key = None
    seen = Webhook.objects.visible_to(user).select_related("created_by")
    if format:
        seen = seen.filter(format=format)
    webhook = seen.filter(pk=key).first() if key else None
    if webhook is None:
        raise NotFound(f"Webhook with ID {webhook_id} not found.", code="webhook_not_found")
    return webhook


def delivery_of(webhook: Webhook, delivery_id: UUID) -> Delivery:
    delivery = webhook.deliveries.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.", code="delivery_not_found")
    delivery.webhook = webhook
    return delivery


def newest_first(user: "User", *, behind: UUID | None = None) -> QuerySet[Webhook]:
    """What the person may see, the newest first; `behind` one that was seen before."""
    seen = Webhook.objects.visible_to(user).order_by("-created_at", "-id")
    last = Webhook.objects.filter(pk=behind).first() if behind else None
    if last is None:
        return seen
    older = Q(created_at__lt=last.created_at)
    return seen.filter(older | Q(created_at=last.created_at, id__lt=last.pk))
