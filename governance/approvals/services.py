"""The acts on requests: signing, advising, withdrawing.

Opening one is in opening.py, handing it in again in rework.py, conditions are in findings.py; what time
brings is in reminders.py, escalation.py, silence.py and expiry.py.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.authentication import Proof, Signed, reauthenticate
from governance.accounts.methods import Method
from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.approvals import apart, findings, mails, queries, rules, signals
from governance.approvals.evidence import digest
from governance.approvals.kinds import PERMITS
from governance.approvals.models import Consultation, Finding, Request, Step, Vote
from governance.approvals.opening import open_request
from governance.approvals.transitions import EVENTS, Act, State, after
from governance.audit import services as audit
from governance.audit.events import Event
from governance.blessing.models import Blessing
from governance.errors import Conflict, Invalid, NotAllowed
from governance.reasons import sentence
from governance.usecases.models import UseCase
from raci import queries as raci
from registry.models import ModelVersion, RegisteredModel

__all__ = ["advise", "open_request", "vote", "withdraw"]

SIGNALS = {Act.APPROVE: signals.request_approved, Act.REJECT: signals.request_rejected}


def vote(
    step: Step,
    *,
    actor: User,
    decision: str,
    reason: str,
    password: str = "",
    code: str = "",
    passkey: str = "",
    answers_need: bool | None = None,
    conditions: Sequence[findings.Condition] = (),
    evidence_digest: str | None = None,
) -> Vote:
    """Signs a step with the password, a code or a passkey, as the policy asks for.

    `evidence_digest` names the evidence that was read; without it, it is the one of `step.request`.
    What is no longer the evidence of the request is not signed.

    The last approval grants the request, a rejection may close it, asking for changes gives it back
    to who asked, and who abstains keeps out of the step. Only an approval has conditions.
    """
    if decision not in Vote.Decision.values:
        raise Invalid(
            "Decide to approve, to reject, to ask for changes or to abstain.", field="decision"
        )
    reason = sentence(reason, "reason")
    owners = findings.checked(conditions, decision, step.request)
    method = _confirm(step.request, Proof(password, code, passkey), actor=actor)
    with (
        audit.refusals_recorded(Event.VOTED, step.request, actor=actor, step=step.name),
        transaction.atomic(durable=True),
    ):
        if evidence_digest is None:
            evidence_digest = step.request.evidence_digest
        request = locked(step.request)
        [step] = [one for one in request.steps.all() if one.pk == step.pk]
        # Read once: an absence that ends meanwhile changes neither whether nor as whom they sign.
        duties = raci.duties(actor, request.scope)
        facts = queries.voting_facts(request, step, actor, duties)
        _refuse_unless_may_vote(facts)
        _refuse_altered(request)
        _refuse_changed(request, evidence_digest)
        capacity = apart.standing_of(request, step, duties, actor).capacity
        signature = Vote.objects.create(
            step=step,
            user=actor,
            user_name=actor.display_name,
            decision=decision,
            round=request.round,
            meaning=_meaning(step, decision),
            reason=reason,
            capacity=capacity.words,
            letter=step.duty,
            role=capacity.role,
            stands_for_id=capacity.stands_for_id,
            answers_need=answers_need,
            confirmed_with=method,
            evidence_digest=request.evidence_digest,
        )
        set_ = findings.set_conditions(request, signature, owners)
        _record_signature(request, signature, set_, actor=actor)
        mails.note_signature(signature)
        _follow(request, signature, actor=actor)
    return signature


def advise(consultation: Consultation, *, actor: User, advice: str) -> Consultation:
    """Gives the advice asked for, once; it informs those who sign and binds nobody."""
    advice = sentence(advice, "advice")
    with (
        audit.refusals_recorded(Event.ADVISED, consultation.request, actor=actor),
        transaction.atomic(durable=True),
    ):
        request = locked(consultation.request)
        consultation = Consultation.objects.get(pk=consultation.pk)
        if consultation.user_id != actor.pk:
            raise NotAllowed(f"{consultation.user.display_name} is asked for this advice.")
        if not request.is_open:
            raise Conflict(f"This request is {request.get_state_display().lower()}.")
        if consultation.answered_at:
            raise Conflict("You have given your advice already.")
        consultation.advice, consultation.answered_at = advice, timezone.now()
        consultation.save(update_fields=["advice", "answered_at"])
        audit.record(Event.ADVISED, request, actor=actor, duty=consultation.duty, advice=advice)
        mails.tell_advice(request, consultation)
    return consultation


def withdraw(request: Request, *, actor: User, reason: str) -> Request:
    """Takes the request back, by who asked or an administrator."""
    reason = sentence(reason, "reason")
    with (
        audit.refusals_recorded(Event.REQUEST_WITHDRAWN, request, actor=actor),
        transaction.atomic(durable=True),
    ):
        request = locked(request)
        if request.requester_id != actor.pk and not is_administrator(actor):
            raise NotAllowed(
                f"Only {request.requester_name}, who asked, or an administrator may withdraw it."
            )
        move(request, Act.WITHDRAW, actor=actor, reason=reason)
    return request


def close_for_deleted(version_ids: list[int], *, actor: User | None) -> None:
    """Withdraws open requests of deleted versions, in the transaction that deletes them."""
    for request in Request.objects.undecided().filter(version__in=version_ids):
        move(locked(request), Act.WITHDRAW, actor=actor, reason="The version was deleted.")


def close_unfounded(blessings: QuerySet[Blessing], *, reason: str) -> None:
    """Withdraws open requests on verdicts that hold no longer, in the transaction that ended them."""
    resting = Request.objects.open().filter(blessing__in=blessings.values("pk"))
    for request in resting.filter(kind__in=PERMITS):
        move(locked(request), Act.WITHDRAW, actor=None, reason=reason)


def send_back(version: ModelVersion, *, reason: str) -> None:
    """Gives open requests for the version to serve back to who asked, in the caller's transaction."""
    for request in Request.objects.open().filter(version=version, kind__in=PERMITS):
        move(
            locked(request),
            Act.ASK_CHANGES,
            actor=None,
            reason=f"The evidence moved on; {reason}",
        )


def locked(request: Request) -> Request:
    """The request under its row lock, with steps and votes as they are now.

    The row of the model or use case comes first, as in every act on it, so that no two acts wait
    for each other.
    """
    if request.version_id:
        RegisteredModel.objects.select_for_update().get(versions=request.version_id)
    else:
        UseCase.objects.select_for_update().get(pk=request.use_case_id)
    Request.objects.select_for_update(of=["self"]).get(pk=request.pk)
    return Request.objects.with_steps().get(pk=request.pk)


def _refuse_unless_may_vote(facts: rules.VotingFacts) -> None:
    if reasons := rules.not_entitled(facts):
        raise NotAllowed(" ".join(reasons), code="may_not_vote", reasons=reasons)
    if reasons := rules.not_now(facts):
        raise Conflict(" ".join(reasons), code="not_now", reasons=reasons)


def _refuse_altered(request: Request) -> None:
    if digest(request.evidence) != request.evidence_digest:
        raise Conflict(
            "The evidence is not what the request was opened on; nothing can be signed on it.",
            code="evidence_altered",
        )


def _confirm(request: Request, proof: Proof, *, actor: User) -> Method:
    signed = Signed(
        request, request.evidence_digest, two_factors=queries.takes_two_factors(request)
    )
    return reauthenticate(actor, proof, signed, event=Event.VOTED)


def _refuse_changed(request: Request, read: str) -> None:
    """Another round may have begun since the evidence was read, and since it was confirmed."""
    if request.evidence_digest != read:
        raise Conflict(
            "The evidence changed since you read it: read what changed, and sign again.",
            code="evidence_changed",
        )


def _meaning(step: Step, decision: str) -> str:
    """What the signature stands for, in the past tense beside a name."""
    words = {
        Vote.Decision.APPROVE: step.meaning,
        Vote.Decision.REJECT: "rejected",
        Vote.Decision.CHANGES: "asked for changes to",
        Vote.Decision.ABSTAIN: "abstained from",
    }
    return words[Vote.Decision(decision)]


def _record_signature(
    request: Request, signature: Vote, conditions: Sequence[Finding], *, actor: User
) -> None:
    copied = (
        "decision", "meaning", "capacity", "letter", "role", "evidence_digest", "reason",
        "confirmed_with",
    )  # fmt: skip
    facts = {name: getattr(signature, name) for name in copied}
    if conditions:
        facts["conditions"] = [
            {"text": one.text, "owner": one.owner_name, "due_on": one.due_on.isoformat()}
            for one in conditions
        ]
    audit.record(Event.VOTED, request, actor=actor, step=signature.step.name, **facts)


def _follow(request: Request, signature: Vote, *, actor: User) -> None:
    """What a signature leads to: an end, changes, the next steps, or more signatures."""
    open_before = {step.pk for step in request.open_steps}
    request = Request.objects.with_steps().get(pk=request.pk)
    match signature.decision:
        case Vote.Decision.CHANGES:
            move(request, Act.ASK_CHANGES, actor=actor, reason=signature.reason)
        case Vote.Decision.REJECT if _ends(request, signature):
            move(request, Act.REJECT, actor=actor, reason=signature.reason)
        case Vote.Decision.APPROVE if not request.open_steps:
            move(request, Act.APPROVE, actor=actor, reason="All steps are signed.")
        case _:
            mails.ask_voters(request, but=open_before)
            mails.tell_if_stuck(request)


def _ends(request: Request, rejection: Vote) -> bool:
    [step] = [one for one in request.steps.all() if one.pk == rejection.step_id]
    return rules.ends_request(
        veto=step.veto,
        quorum=step.quorum,
        approvals=len(step.approvals),
        able=queries.places(request, step),
    )


def move(request: Request, act: Act, *, actor: User | None, reason: str) -> None:
    """The one place where a request changes its state; the caller holds the row lock."""
    request.state = after(request.state, act)
    if not request.is_undecided:
        request.decided_at, request.closing_reason = timezone.now(), reason
    request.save(update_fields=["state", "decided_at", "closing_reason"])
    audit.record(EVENTS[act], request, actor=actor, reason=reason)
    if act in SIGNALS:
        SIGNALS[act].send(sender=Request, request=request, actor=actor)
    if request.state == State.REWORK:
        mails.tell_changes_asked(request, actor=actor, reason=reason)
    elif not request.is_undecided:
        mails.tell_closed(request, actor=actor)
