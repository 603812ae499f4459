"""The frame around every act on a model: lock, right, and a refusal that outlives its rollback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from registry import queries, signals
from registry.errors import Conflict, NotAllowed
from registry.models import RegisteredModel

WORDS = {
    "register_version": "register, describe or tag versions of",
    "move_alias": "move aliases or stages of",
    "manage": "rename or delete anything of",
}


@contextmanager
def changing(
    model: RegisteredModel,
    event: str,
    *,
    actor: AbstractBaseUser,
    right: str,
    subject: Model | None = None,
    **told: Any,
) -> Iterator[RegisteredModel]:
    """Opens the transaction of an act on the locked model.

    A refusal is told by signal once the transaction has been left, with the facts in `told`.
    """
    try:
        with transaction.atomic(durable=True):
            locked, may = queries.lock(model, user=actor, right=right)
            if not may:
                raise _not_allowed(right, locked)
            yield locked
    except (NotAllowed, Conflict) as refusal:
        tell_refusal(refusal, event, subject or model, actor=actor, **told)
        raise


def _not_allowed(right: str, model: RegisteredModel) -> NotAllowed:
    return NotAllowed(
        f"You may not {WORDS[right]} {model.name}; ask its owner.",
        link=model.get_absolute_url(),
    )


def tell(event: str, subject: Model, *, actor: AbstractBaseUser, **told: Any) -> None:
    signals.changed.send(
        sender=type(subject), event=event, subject=subject, actor=actor, data=told
    )


def tell_refusal(
    refusal: NotAllowed | Conflict,
    event: str,
    subject: Model,
    *,
    actor: AbstractBaseUser,
    **told: Any,
) -> None:
    signals.refused.send(
        sender=type(subject),
        event=event,
        subject=subject,
        actor=actor,
        reasons=list(refusal.reasons) or [refusal.sentence],
        data=told,
    )


def touch(model: RegisteredModel, *fields: str) -> None:
    """Saves the named fields of the locked model and the moment of its last change."""
    model.updated_at = timezone.now()
    model.save(update_fields=[*fields, "updated_at"])
