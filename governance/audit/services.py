"""The one way to write the trail: inside the transaction of the change it tells of."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from governance.audit import signals
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import Conflict, NotAllowed

if TYPE_CHECKING:
    from governance.accounts.models import User

SYSTEM = "Imprimatur"


def record(
    event: Event | str, subject: Model, *, actor: "User | None", **data: object
) -> Entry:
    """Writes what happened; call it in the same transaction as the change."""
    return _write(event, subject, actor=actor, refused=False, data=data)


def record_refusal(
    event: Event | str,
    subject: Model,
    *,
    actor: "User | None",
    reasons: Sequence[str],
    **data: object,
) -> Entry:
    """Writes what was refused; call it after the refused transaction has been left."""
    return _write(
        event, subject, actor=actor, refused=True, data={"reasons": list(reasons), **data}
    )


@contextmanager
def refusals_recorded(
    event: Event | str, subject: Model, *, actor: "User | None", **data: object
) -> Iterator[None]:
    """Records a refusal from inside; stands around the atomic block, so that the entry survives."""
    try:
        yield
    except (NotAllowed, Conflict) as refusal:
        reasons = refusal.reasons or [refusal.sentence]
        record_refusal(event, subject, actor=actor, reasons=reasons, **data)
        raise


def _write(
    event: Event | str, subject: Model, *, actor: "User | None", refused: bool, data: dict
) -> Entry:
    entry = Entry.objects.create(
        event=Event(event),
        refused=refused,
        actor_id=actor.pk if actor else None,
        actor_name=actor.display_name if actor else SYSTEM,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:300],
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
        data=json.loads(json.dumps(data, cls=DjangoJSONEncoder, default=str)),
    )
    signals.recorded.send(sender=Entry, entry=entry, subject=subject, actor=actor)
    return entry
