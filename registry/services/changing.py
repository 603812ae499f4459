"""The frame around every act on a model: lock, right, and a refusal that outlives its rollback."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from registry import queries, signals
from registry.errors import Conflict, NotAllowed, Stale
from registry.models import ModelVersion, RegisteredModel
from registry.revisions import check_unchanged

WORDS = {
    "register_version": "register, describe or tag versions of",
    "move_alias": "move aliases or stages of",
    "manage": "rename or delete anything of",
}

# The refusals of acts that share one transaction, told when it is over; None outside of one.
_joined: ContextVar[list[Callable[[], None]] | None] = ContextVar("_joined", default=None)


@contextmanager
def changing(
    model: RegisteredModel,
    event: str,
    *,
    actor: AbstractBaseUser,
    right: str,
    subject: Model | None = None,
    expected: Collection[str] | None = None,
    **told: Any,
) -> Iterator[RegisteredModel]:
    """Opens the transaction of an act on the locked model.

    `expected` are the revisions of the subject that the caller has seen; None: whatever it is now.
    A refusal is told by signal once the transaction has been left, with the facts in `told`.
    """
    joined = _joined.get()
    try:
        with transaction.atomic(durable=joined is None):
            locked, may = queries.lock(model, user=actor, right=right)
            if not may:
                raise _not_allowed(right, locked)
            if expected is not None:
                check_unchanged(_read_again(subject, locked), expected)
            yield locked
    except Stale:  # two people crossed; nobody was denied anything
        raise
    except (NotAllowed, Conflict) as refusal:
        say = partial(tell_refusal, refusal, event, subject or model, actor=actor, **told)
        say() if joined is None else joined.append(say)
        raise


@contextmanager
def all_or_nothing(models: Iterable[RegisteredModel]) -> Iterator[None]:
    """Joins the acts inside into one transaction, with the models locked in one order for everybody.

    The first refusal undoes them all; refusals are told once the transaction has been left.
    """
    refusals: list[Callable[[], None]] = []
    token = _joined.set(refusals)
    try:
        with transaction.atomic(durable=True):
            keys = {model.pk for model in models}
            locked = RegisteredModel.objects.filter(pk__in=keys).order_by("pk")
            list(locked.select_for_update(no_key=True))
            yield
    finally:
        _joined.reset(token)
        for say in refusals:
            say()


def _not_allowed(right: str, model: RegisteredModel) -> NotAllowed:
    return NotAllowed(
        f"You may not {WORDS[right]} {model.name}; ask its owner.",
        link=model.get_absolute_url(),
    )


def _read_again(
    subject: Model | None, locked: RegisteredModel
) -> RegisteredModel | ModelVersion:
    """The subject as it is under the lock."""
    if isinstance(subject, ModelVersion):
        return queries.live_version(locked, subject.number)
    return locked


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
