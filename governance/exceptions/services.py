"""The acts on exceptions: asking, signing, withdrawing, revoking, expiring, reminding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from governance.accounts.authentication import reauthenticate
from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.exceptions import mails, queries, rules, seats, signals
from governance.exceptions.models import RuleException, Signature
from governance.exceptions.seats import Contribution
from governance.exceptions.transitions import EVENTS, Act, State, after
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci
from registry.models import ModelVersion, RegisteredModel

MEANINGS = {Signature.Decision.GRANT: "excepted", Signature.Decision.REFUSE: "refused"}


@dataclass(frozen=True)
class RedRule:
    """The rule to be excepted, as the verdict under `evidence_digest` has it."""

    name: str
    text: str
    outcome: str
    sentence: str
    policy_name: str
    evidence_digest: str


def ask(
    version: ModelVersion,
    rule: RedRule,
    *,
    actor: User,
    reason: str,
    compensation: str,
    until: date,
    contributions: Sequence[Contribution] = (),
) -> RuleException:
    """Asks that the version may go on until a day although the rule is red.

    Refuses who is not Responsible for exceptions, a policy that allows none, a day too far away, a
    second one for the same rule, and signatures that nobody could give.
    """
    reason = sentence_in(reason, "reason")
    compensation = sentence_in(compensation, "compensation")
    with (
        audit.refusals_recorded(Event.EXCEPTION_ASKED, version, actor=actor, rule=rule.name),
        transaction.atomic(durable=True),
    ):
        version = _locked_version(version)
        use_case = _governing(version)
        limits = queries.limits_of(version)
        _refuse(queries.asker_refusals(actor, use_case))
        _refuse_policy(limits, rule)
        _refuse_end(until, rules.longest(use_case.tier, limits.at_most))
        _expire_overdue_of(version)
        _refuse_second(version, rule)
        _refuse_gaps(version, use_case, actor, contributions)
        exception = RuleException.objects.create(
            version=version,
            scope=use_case.scope,
            use_case_title=use_case.title,
            tier=use_case.tier,
            policy_name=rule.policy_name,
            policy_label=limits.policy_version.label,
            rule_name=rule.name,
            rule_text=rule.text,
            outcome=rule.outcome,
            sentence=rule.sentence,
            evidence_digest=rule.evidence_digest,
            contributions=[{"user": user, "part": part} for user, part in contributions],
            reason=reason,
            compensation=compensation,
            until=until,
            asked_by=actor,
            asked_by_name=actor.display_name,
        )
        audit.record(
            Event.EXCEPTION_ASKED,
            exception,
            actor=actor,
            rule=rule.text,
            outcome=rule.outcome,
            until=until,
            evidence_digest=rule.evidence_digest,
            digest=exception.digest,
            reason=reason,
        )
        mails.ask_signers(exception)
    return exception


def sign(
    exception: RuleException, *, actor: User, decision: str, reason: str, password: str
) -> Signature:
    """Signs with the password; any refusal ends it, the last grant that its tier needs grants it."""
    if decision not in Signature.Decision.values:
        raise Invalid("Decide to grant or to refuse.", field="decision")
    reason = sentence_in(reason, "reason")
    reauthenticate(actor, password, event=Event.EXCEPTION_SIGNED, subject=exception)
    with (
        audit.refusals_recorded(Event.EXCEPTION_SIGNED, exception, actor=actor),
        transaction.atomic(durable=True),
    ):
        exception = _locked(exception)
        facts = queries.signing_facts(exception, actor)
        _refuse_unless_may_sign(facts)
        _refuse_altered(exception)
        seat = seats.seat_for(exception, actor, raci.duties(actor, exception.scope))
        signature = Signature.objects.create(
            exception=exception,
            user=actor,
            user_name=actor.display_name,
            decision=decision,
            activity=seat.activity,
            capacity=facts.capacity,
            meaning=MEANINGS[decision],
            reason=reason,
            digest=exception.digest,
        )
        copied = ("decision", "capacity", "meaning", "reason", "digest")
        told = {name: getattr(signature, name) for name in copied}
        audit.record(Event.EXCEPTION_SIGNED, exception, actor=actor, **told)
        _follow(exception, signature, actor=actor)
    return signature


def withdraw(exception: RuleException, *, actor: User, reason: str) -> RuleException:
    """Takes the question back before it is decided, by who asked or an administrator."""
    reason = sentence_in(reason, "reason")
    with (
        audit.refusals_recorded(Event.EXCEPTION_WITHDRAWN, exception, actor=actor),
        transaction.atomic(durable=True),
    ):
        exception = _locked(exception)
        _refuse(queries.withdrawal_refusals(exception, actor))
        _move(exception, Act.WITHDRAW, actor=actor, reason=reason)
    return exception


def revoke(exception: RuleException, *, actor: User, reason: str) -> RuleException:
    """Ends a granted exception at once; what was cleared on it lapses with it."""
    reason = sentence_in(reason, "reason")
    with (
        audit.refusals_recorded(Event.EXCEPTION_REVOKED, exception, actor=actor),
        transaction.atomic(durable=True),
    ):
        exception = _locked(exception)
        _refuse(queries.revocation_refusals(exception, actor))
        _move(exception, Act.REVOKE, actor=actor, reason=reason)
    return exception


def expire(exception: RuleException) -> RuleException:
    """Ends an exception whose last day has passed, or a question that nobody answered until then."""
    with transaction.atomic(durable=True):
        exception = _locked(exception)
        if exception.until >= timezone.localdate():
            raise Conflict(f"This exception lasts until {rules.long_date(exception.until)}.")
        _expire(exception)
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
        exception = _locked(exception)
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
        _move(_locked(exception), Act.WITHDRAW, actor=actor, reason="The version was deleted.")


def _locked(exception: RuleException) -> RuleException:
    """The exception under its row lock, with its signatures as they are now.

    The model's row comes first, as in every act on what may be served, so that no two acts wait for
    each other.
    """
    _lock_model(exception.version_id)
    RuleException.objects.select_for_update(of=["self"]).get(pk=exception.pk)
    return RuleException.objects.with_signatures().get(pk=exception.pk)


def _locked_version(version: ModelVersion) -> ModelVersion:
    _lock_model(version.pk)
    live = ModelVersion.objects.live().select_related("model").filter(pk=version.pk).first()
    if live is None:
        raise Conflict(f"{version} was deleted.")
    return live


def _lock_model(version_id: int) -> None:
    RegisteredModel.objects.select_for_update().get(versions=version_id)


def _governing(version: ModelVersion) -> UseCase:
    use_case = use_case_of(version.model)
    if use_case is None:
        raise Conflict(
            f"{version.model.name} is ungoverned: adopt it into a use case first.",
            code="ungoverned",
        )
    return use_case


def _refuse_policy(limits: queries.Limits, rule: RedRule) -> None:
    facts = limits.facts(rule.policy_name, rule.text)
    if reasons := rules.policy_obstacles(facts):
        raise Conflict(reasons[0], code="policy", reasons=reasons)


def _refuse_end(until: date, longest: timedelta) -> None:
    if reasons := rules.bad_end(until, today=timezone.localdate(), longest=longest):
        raise Invalid(reasons[0], field="until")


def _expire_overdue_of(version: ModelVersion) -> None:
    """What is overdue must not keep its successor from being asked for."""
    overdue = RuleException.objects.overdue(timezone.localdate()).filter(version=version)
    for exception in overdue.with_signatures():
        _expire(exception)


def _refuse_second(version: ModelVersion, rule: RedRule) -> None:
    standing = RuleException.objects.standing().filter(
        version=version, policy_name=rule.policy_name, rule_text=rule.text
    )
    if present := standing.first():
        words = (
            f"is granted until {rules.long_date(present.until)}"
            if present.is_granted
            else f"was asked for by {present.asked_by_name}"
        )
        raise Conflict(
            f"An exception for “{rule.name}” {words} already.",
            code="exception_stands",
            link=present.get_absolute_url(),
        )


def _refuse_gaps(
    version: ModelVersion,
    use_case: UseCase,
    actor: User,
    contributions: Sequence[Contribution],
) -> None:
    barred = seats.barred(version, actor, contributions)
    plan = seats.planned(use_case.scope, use_case.title, use_case.tier, barred)
    if reasons := rules.gaps(plan):
        raise Conflict(
            " ".join(reasons),
            code="nobody_to_grant",
            reasons=reasons,
            link=use_case.get_absolute_url(),
        )


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
        _move(exception, Act.REFUSE, actor=actor, reason=signature.reason)
        return
    exception = RuleException.objects.with_signatures().get(pk=exception.pk)
    if seats.is_complete(exception):
        _move(exception, Act.GRANT, actor=actor, reason="")


def _expire(exception: RuleException) -> None:
    reason = f"Its last day was {rules.long_date(exception.until)}."
    _move(exception, Act.EXPIRE, actor=None, reason=reason)


def _move(exception: RuleException, act: Act, *, actor: User | None, reason: str) -> None:
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


def sentence_in(text: str, field: str) -> str:
    text = text.strip()
    if len(text) < rules.SHORTEST_REASON:
        raise Invalid(
            f"Write at least {rules.SHORTEST_REASON} characters, so that others understand.",
            field=field,
        )
    if len(text) > rules.LONGEST_REASON:
        raise Invalid(f"Write at most {rules.LONGEST_REASON} characters.", field=field)
    return text
