"""Turns entries of the audit trail into deliveries, inside the transaction of the change they tell of.

One statement when no webhook waits for the event.
"""

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Model

from governance.accounts.models import User
from governance.audit import signals
from governance.webhooks import queries, runner, visibility
from governance.webhooks.models import Delivery
from governance.webhooks.standard import payloads
from governance.webhooks.standard.events import BY_ENTRY
from registry.models import RegisteredModel

if TYPE_CHECKING:
    from governance.audit.models import Entry


def write_deliveries(entry: "Entry", subject: Model, actor: "User | None", **_: object) -> None:
    """Writes a delivery for every webhook that waits for the event and whose maker may see the subject."""
    event = None if entry.refused else BY_ENTRY.get(entry.event)
    waiting = queries.waiting_for([event]) if event else []
    if not waiting:
        return
    makers = User.objects.filter(pk__in={webhook.maker for webhook in waiting})
    may_see = {maker.pk for maker in makers if visibility.may_see(subject, maker)}
    waiting = [webhook for webhook in waiting if webhook.maker in may_see]
    if not waiting:
        return
    body = payloads.document(event, payloads.facts_of(event, entry, subject, actor), entry.at)
    Delivery.objects.bulk_create(
        Delivery(
            webhook_id=webhook.pk,
            event=event,
            model=_model_of(subject),
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            subject_label=entry.subject_label,
            body=body,
            next_at=entry.at,
        )
        for webhook in waiting
    )
    transaction.on_commit(partial(runner.nudge, [webhook.pk for webhook in waiting]))


def _model_of(subject: Model) -> RegisteredModel | None:
    version = getattr(subject, "version", None)
    found = getattr(version, "model", None) or getattr(subject, "model", None)
    return found if isinstance(found, RegisteredModel) else None


def connect() -> None:
    signals.recorded.connect(write_deliveries, dispatch_uid="webhooks.standard")
