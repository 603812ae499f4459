"""The time until a version that serves is validated again: who is called, once, before it ends."""

from django.db import transaction
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.release import mails
from governance.release.models import Clearance


def call_due() -> int:
    """Calls for the re-validation of everything whose time has come; returns how many.

    Each in its own transaction and once, however many workers look and however late they are.
    """
    due = Clearance.objects.to_validate_again().filter(called_at=None)
    return sum(_call(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic(durable=True)
def _call(pk: int) -> bool:
    waiting = Clearance.objects.select_for_update(of=["self"], skip_locked=True)
    clearance = (
        waiting.filter(pk=pk, called_at=None, state=Clearance.State.VALID)
        .select_related("version__model", "request")
        .first()
    )
    if clearance is None:  # called or ended by somebody between the two looks
        return False
    clearance.called_at = timezone.now()
    clearance.save(update_fields=["called_at"])
    audit.record(
        Event.REVALIDATION_CALLED,
        clearance.version,
        actor=None,
        pointer=clearance.pointer,
        valid_until=clearance.valid_until,
    )
    mails.call_for_revalidation(clearance)
    return True
