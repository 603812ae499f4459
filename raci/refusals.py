"""Refusals are told to whoever listens, after the transaction they undo."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model

from raci import signals
from raci.errors import Conflict, NotAllowed


@contextmanager
def told_when_refused(event: str, subject: Model, actor: AbstractBaseUser) -> Iterator[None]:
    """Sends `refused` for a refusal from inside; stands around the atomic block, so that it lasts."""
    try:
        yield
    except (NotAllowed, Conflict) as refusal:
        signals.refused.send(
            sender=type(subject),
            event=event,
            subject=subject,
            actor=actor,
            reasons=[refusal.sentence],
        )
        raise
