"""Advice that did not come in time is noted as silence: a fact of its own, which consents to nothing."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.approvals.models import Consultation
from governance.approvals.services import locked
from governance.audit import services as audit
from governance.audit.events import Event


def note_silence(now: datetime | None = None) -> int:
    """Notes every consultation of open requests that is past its due date; returns how many."""
    now = now or timezone.now()
    overdue = Consultation.objects.overdue(now).values_list("pk", flat=True)
    return sum(_note(pk, now) for pk in list(overdue))


def _note(pk: int, now: datetime) -> bool:
    """Under the lock of the request, so that advice given at this moment is no silence."""
    with transaction.atomic(durable=True):
        request = locked(Consultation.objects.select_related("request").get(pk=pk).request)
        silent = Consultation.objects.overdue(now).select_related("user").filter(pk=pk).first()
        if silent is None:
            return False
        silent.silent_at = now
        silent.save(update_fields=["silent_at"])
        audit.record(
            Event.SILENT,
            request,
            actor=None,
            person=silent.user.display_name,
            duty=silent.duty,
            due_at=silent.due_at,
        )
    return True
