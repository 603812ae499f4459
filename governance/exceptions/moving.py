"""How an exception changes its state, under which locks, and what follows; who may is decided elsewhere."""

from django.utils import timezone

from governance.accounts.models import User
from governance.audit import services as audit
from governance.exceptions import mails, rules, signals
from governance.exceptions.models import RuleException
from governance.exceptions.transitions import EVENTS, Act, State, after
from registry.models import RegisteredModel


def locked(exception: RuleException) -> RuleException:
    """The exception under its row lock, with its signatures as they are now.

    The model's row comes first, as in every act on what may be served, so that no two acts wait for
    each other.
    """
    lock_model(exception.version_id)
    RuleException.objects.select_for_update(of=["self"]).get(pk=exception.pk)
    return RuleException.objects.with_signatures().get(pk=exception.pk)


def lock_model(version_id: int) -> None:
    RegisteredModel.objects.select_for_update().get(versions=version_id)


def expire_now(exception: RuleException) -> None:
    reason = f"Its last day was {rules.long_date(exception.until)}."
    move(exception, Act.EXPIRE, actor=None, reason=reason)


def move(exception: RuleException, act: Act, *, actor: User | None, reason: str) -> None:
    """The one place where an exception changes its state; the caller holds the row lock."""
    was, now = exception.state, timezone.now()
    exception.state = after(was, act)
    if exception.state == State.GRANTED:
        exception.granted_at = now
    else:
        exception.ended_at, exception.closing_reason = now, reason
        exception.ended_by = actor
        exception.ended_by_name = actor.display_name if actor else ""
    exception.save(
        update_fields=[
            "state",
            "granted_at",
            "ended_at",
            "ended_by",
            "ended_by_name",
            "closing_reason",
        ]
    )
    audit.record(
        EVENTS[act], exception, actor=actor, was=was, until=exception.until, reason=reason
    )
    signals.changed.send(RuleException, exception=exception, was=was, actor=actor)
    mails.tell_changed(exception, actor=actor)
