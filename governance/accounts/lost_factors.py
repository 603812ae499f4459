"""Removing a factor that its owner has lost: an administrator's act, confirmed and written down."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from governance.accounts.authentication import Proof, Signed, reauthenticate
from governance.accounts.factors import words_for
from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed

SHORTEST_REASON, LONGEST_REASON = 10, 500


def remove(
    factor: Authenticator, *, actor: User, reason: str, password: str = "", code: str = ""
) -> None:
    """Takes the factor away, and with the last one the recovery codes; the owner sets up another."""
    owner, reason = factor.user, reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(
            f"Say in {SHORTEST_REASON} to {LONGEST_REASON} characters how you know that it is "
            "them who asked.",
            field="reason",
        )
    reauthenticate(actor, Proof(password, code), Signed(owner), event=Event.FACTOR_REMOVED)
    with (
        audit.refusals_recorded(Event.FACTOR_REMOVED, owner, actor=actor),
        transaction.atomic(durable=True),
    ):
        User.objects.select_for_update().get(pk=owner.pk)
        if not is_administrator(actor):
            raise NotAllowed("Only an administrator removes a factor of somebody else.")
        _remove(factor, owner)
        facts = {"factor": words_for(factor), "reason": reason}
        audit.record(Event.FACTOR_REMOVED, owner, actor=actor, **facts)


def _remove(factor: Authenticator, owner: User) -> None:
    left = Authenticator.objects.filter(user=owner)
    if not left.filter(pk=factor.pk).delete()[0]:
        raise Conflict("This factor has been removed already.")
    if not left.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        left.delete()
