"""The acts on exceptions: signing, withdrawing, revoking, expiring, reminding; asking is in asking.py."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from governance.accounts.authentication import Proof, Signed, reauthenticate
from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.exceptions import mails, queries, rules, seats
from governance.exceptions.models import RuleException, Signature
from governance.exceptions.moving import expire_now, locked, move
from governance.exceptions.transitions import Act
from governance.reasons import sentence
from raci import queries as raci

MEANINGS = {Signature.Decision.GRANT: "excepted", Signature.Decision.REFUSE: "refused"}


def sign(
    exception: RuleException,
    *,
    actor: User,
    decision: str,
    reason: str,
    password: str = "",
    code: str = "",
    passkey: str = "",
) -> Signature:
    """Signs with what the policy asks for; any refusal ends it, the last grant that its tier needs grants it."""
    if decision not in Signature.Decision.values:
        raise Invalid("Decide to grant or to refuse.", field="decision")
    reason = sentence(reason, "reason")
    two_factors = queries.takes_two_factors(exception)
    signed = Signed(exception, exception.digest, two_factors=two_factors)
    proof = Proof(password, code, passkey)
    method = reauthenticate(actor, proof, signed, event=Event.EXCEPTION_SIGNED)
    with (
        audit.refusals_recorded(Event.EXCEPTION_SIGNED, exception, actor=actor),
        transaction.atomic(durable=True),
    ):
        exception = locked(exception)
        # Read once: an absence that ends meanwhile changes neither whether nor as whom they sign.
        duties = raci.duties(actor, exception.scope)
        facts = queries.signing_facts(exception, actor, duties)
        _refuse_unless_may_sign(facts)
        _refuse_altered(exception)
        seat = seats.seat_for(exception, actor, duties)
        capacity = seats.standing_in(exception, seat, duties, actor).capacity
        signature = Signature.objects.create(
            exception=exception,
            user=actor,
            user_name=actor.display_name,
            decision=decision,
            activity=seat.activity,
            capacity=capacity.words,
            letter=capacity.letter,
            role=capacity.role,
            stands_for_id=capacity.stands_for_id,
            meaning=MEANINGS[decision],
            reason=reason,
            digest=exception.digest,
            confirmed_with=method,
        )
        copied = (
            "decision", "capacity", "letter", "role", "meaning", "reason", "digest",
            "confirmed_with",
        )  # fmt: skip
        told = {name: getattr(signature, name) for name in copied}
        audit.record(Event.EXCEPTION_SIGNED, exception, actor=actor, **told)
        mails.note_signature(exception, actor)
        _follow(exception, signature, actor=actor)
    return signature


def withdraw(exception: RuleException, *, actor: User, reason: str) -> RuleException:
    """Takes the question back before it is decided, by who asked or an administrator."""
    reason = sentence(reason, "reason")
    with (
        audit.refusals_recorded(Event.EXCEPTION_WITHDRAWN, exception, actor=actor),
        transaction.atomic(durable=True),
    ):
        exception = locked(exception)
        _refuse(queries.withdrawal_refusals(exception, actor))
        move(exception, Act.WITHDRAW, actor=actor, reason=reason)
    return exception


def revoke(exception: RuleException, *, actor: User, reason: str) -> RuleException:
    """Ends a granted exception at once; what was cleared on it lapses with it."""
    reason = sentence(reason, "reason")
    with (
        audit.refusals_recorded(Event.EXCEPTION_REVOKED, exception, actor=actor),
        transaction.atomic(durable=True),
    ):
        exception = locked(exception)
        _refuse(queries.revocation_refusals(exception, actor))
        move(exception, Act.REVOKE, actor=actor, reason=reason)
    return exception


def expire(exception: RuleException) -> RuleException:
    """Ends an exception whose last day has passed, or a question that nobody answered until then."""
    with transaction.atomic(durable=True):
        exception = locked(exception)
        if exception.until >= timezone.localdate():
            raise Conflict(f"This exception lasts until {rules.long_date(exception.until)}.")
        expire_now(exception)
    return exception


def expire_overdue() -> int:
    """Expires every overdue exception, each in its own transaction; returns how many.

    Nobody waits for this: whoever asks what is in force looks at the day itself.
    """
    expired = 0
    for exception in RuleException.objects.overdue(timezone.localdate()):
        try:
            expire(exception)
        except Conflict:  # ended by somebody between the two looks
            continue
        expired += 1
    return expired


def remind_of_endings() -> int:
    """Tells who asked and who granted, once, that an exception ends soon; returns of how many.

    One that was granted for no longer than that needs no reminder.
    """
    today = timezone.localdate()
    soon = RuleException.objects.in_force(today).filter(
        until__lte=today + queries.ENDING_SOON, reminded_at=None
    )
    return sum(_remind(one) for one in soon)


def _remind(exception: RuleException) -> bool:
    with transaction.atomic(durable=True):
        exception = locked(exception)
        if not exception.is_in_force or exception.reminded_at:
            return False
        exception.reminded_at = timezone.now()
        exception.save(update_fields=["reminded_at"])
        granted_on = timezone.localdate(exception.granted_at)
        if exception.until - granted_on <= queries.ENDING_SOON:
            return False
        mails.remind(exception)
    return True


def close_for_deleted(version_ids: list[int], *, actor: User | None) -> None:
    """Withdraws what is asked for deleted versions, in the transaction that deletes them."""
    for exception in RuleException.objects.asked().filter(version__in=version_ids):
        move(locked(exception), Act.WITHDRAW, actor=actor, reason="The version was deleted.")


def _refuse_unless_may_sign(facts: rules.SigningFacts) -> None:
    if reasons := rules.not_entitled(facts):
        raise NotAllowed(" ".join(reasons), code="may_not_sign", reasons=reasons)
    if reasons := rules.not_now(facts):
        raise Conflict(" ".join(reasons), code="not_now", reasons=reasons)


def _refuse_altered(exception: RuleException) -> None:
    if not exception.is_intact:
        raise Conflict(
            "This is not what the first signature was given for; nothing more can be signed.",
            code="evidence_altered",
        )


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise NotAllowed(" ".join(reasons), reasons=reasons)


def _follow(exception: RuleException, signature: Signature, *, actor: User) -> None:
    if not signature.is_grant:
        move(exception, Act.REFUSE, actor=actor, reason=signature.reason)
        return
    exception = RuleException.objects.with_signatures().get(pk=exception.pk)
    if seats.is_complete(exception):
        move(exception, Act.GRANT, actor=actor, reason="")
