"""Handing a request in again on other evidence: a new round; what was signed on the old is kept and stale."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals import evidence as writing
from governance.approvals import kinds, mails, times
from governance.approvals.kinds import PERMITS, Kind
from governance.approvals.models import FormerAccount, Request
from governance.approvals.opening import (
    MAJOR,
    Asked,
    ChangeSize,
    complete_steps,
    refuse_gaps,
    refuse_insufficient,
)
from governance.approvals.services import locked, move
from governance.approvals.transitions import Act
from governance.audit import services as audit
from governance.audit.events import Event
from governance.blessing.models import Blessing
from governance.errors import Conflict, NotAllowed
from governance.reasons import sentence as enough
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of


def hand_in_again(request: Request, *, actor: User, answer: str) -> Request:
    """Freezes the evidence as it is now, as is the way of such requests, and begins a new round."""
    return kinds.hand_in(request.kind)(request, actor=actor, answer=answer)


def begin_round(
    request: Request,
    *,
    actor: User,
    evidence: dict,
    changes: Sequence[str],
    answer: str,
    sentence: str = "",
    blessing: Blessing | None = None,
    change: ChangeSize = MAJOR,
) -> Request:
    """Begins a new round: who asked answers, and the evidence takes the place of what was frozen.

    `changes` are sentences on what differs from the round before, `sentence` sums up what is without
    a verdict. Approvals of evidence that stayed the same count on; the others are asked for again.
    Steps that the new evidence needs are added.
    """
    answer = enough(answer, "answer")
    with (
        audit.refusals_recorded(Event.HANDED_IN_AGAIN, request, actor=actor),
        transaction.atomic(durable=True),
    ):
        request = locked(request)
        _refuse_other(request, actor)
        stored = writing.as_stored(evidence)
        digest = writing.digest(stored)
        if request.is_open and digest == request.evidence_digest:
            raise Conflict("The evidence is the same as before.", code="evidence_unchanged")
        asked = _asked(request, blessing, change, sentence)
        refuse_gaps(asked)
        _keep(request, actor, changes, answer)
        _begin_round(request, asked, stored, digest)
        move(request, Act.HAND_IN, actor=actor, reason=answer)
        complete_steps(request, asked)
        mails.ask_voters(Request.objects.with_steps().get(pk=request.pk))
    return request


def _refuse_other(request: Request, actor: User) -> None:
    if not request.is_undecided:
        state = request.get_state_display().lower()
        raise Conflict(f"This request is {state}; ask anew.", code="request_closed")
    if request.requester_id != actor.pk:
        raise NotAllowed(f"{request.requester_name} asked, and hands it in again.")


def _asked(
    request: Request, blessing: Blessing | None, change: ChangeSize, sentence: str
) -> Asked:
    asked = Asked(
        _governing(request) if request.version else request.use_case,
        request.requester,
        Kind(request.kind),
        request.version,
        request.policy_version,
        blessing,
        request.pointer_kind,
        request.pointer,
        request.proposal,
        sentence or blessing.sentence,
        change,
    )
    if request.version:
        _refuse_other_policy(asked)
        refuse_insufficient(asked)
    return asked


def _governing(request: Request) -> UseCase:
    use_case = use_case_of(request.version.model)
    if use_case is None or use_case.scope != request.scope:
        raise Conflict(
            f"{request.use_case_title} governs this model no longer.", code="ungoverned"
        )
    return use_case


def _refuse_other_policy(asked: Asked) -> None:
    if asked.kind in PERMITS and asked.blessing.policy_version_id != asked.policy_version.pk:
        raise Conflict(
            f"Another policy than {asked.policy_version.label} applies now: withdraw this request "
            "and ask anew.",
            code="other_policy",
        )


def _keep(request: Request, actor: User, changes: Sequence[str], answer: str) -> None:
    FormerAccount.objects.create(
        request=request,
        round=request.round,
        blessing=request.blessing,
        evidence=request.evidence,
        evidence_digest=request.evidence_digest,
        evidence_sentence=request.evidence_sentence,
        changes=list(changes),
        answer=answer,
        replaced_by_name=actor.display_name,
    )


def _begin_round(request: Request, asked: Asked, stored: dict, digest: str) -> None:
    """Replaces the account; the time to sign begins again."""
    now = timezone.now()
    request.due_at = times.last_due(now, [leg.step.due_in for leg in asked.steps])
    request.round, request.round_began_at = request.round + 1, now
    request.blessing, request.route = asked.blessing, asked.route
    request.evidence, request.evidence_digest = stored, digest
    request.evidence_sentence = asked.sentence
    request.save(
        update_fields=[
            "round",
            "round_began_at",
            "due_at",
            "blessing",
            "route",
            "evidence",
            "evidence_digest",
            "evidence_sentence",
        ]
    )
