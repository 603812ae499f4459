"""The acts of release: granting and ending a clearance, promoting; the only writer of clearances.

Asking for one is in asking.py, the time until the next in revalidating.py.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from governance.approvals import findings
from governance.approvals.models import Finding, Request
from governance.audit import services as audit
from governance.audit.events import Event
from governance.blessing.queries import exceptions_under
from governance.connections import services as connections
from governance.errors import Conflict, NotAllowed
from governance.exceptions.models import RuleException
from governance.reasons import long_enough
from governance.release import excepted, mails
from governance.release.asking import request_promotion
from governance.release.models import Clearance
from governance.release.queries import revocation_refusals
from governance.release.standing import Standing
from registry import services as registry
from registry import validation
from registry.errors import NotAllowed as RefusedByRegistry
from registry.models import Alias, ModelVersion, PointerKind, RegisteredModel, Stage

if TYPE_CHECKING:
    from governance.accounts.models import User

ENDED = {
    Clearance.State.REVOKED: Event.CLEARANCE_REVOKED,
    Clearance.State.LAPSED: Event.CLEARANCE_LAPSED,
    Clearance.State.RENEWED: Event.CLEARANCE_RENEWED,
}
GATE_CLOSED = "gate_closed"


def grant(request: Request, *, actor: "User | None") -> Clearance:
    """Turns an approved request into a clearance, in the transaction of the last signature."""
    _lock(request.version)
    exceptions = exceptions_under(request.blessing)
    _refuse_ended(request, exceptions)
    now, policy = timezone.now(), request.policy_version.parsed
    until = excepted.until(now + policy.lasts(request.tier), exceptions)
    _close_valid(request, Clearance.State.RENEWED, f"by request {request.pk}.", actor=None)
    clearance = Clearance.objects.create(
        version=request.version,
        pointer_kind=request.pointer_kind,
        pointer=request.pointer,
        request=request,
        blessing=request.blessing,
        policy_version=request.policy_version,
        digest=_digest_seen(request.evidence["version"]),
        valid_from=now,
        valid_until=until,
        ask_from=max(now, until - policy.revalidation.ask_before),
    )
    audit.record(
        Event.CLEARANCE_GRANTED,
        request.version,
        actor=actor,
        pointer=request.pointer,
        request=request.pk,
        evidence_digest=request.evidence_digest,
        valid_until=clearance.valid_until,
    )
    mails.tell_granted(clearance)
    return clearance


def retire(request: Request, *, actor: "User | None") -> None:
    """Ends what lets the version serve, in the transaction of the last signature.

    The pointer stays where it is until who is Responsible for the retirement takes it away.
    """
    _lock(request.version)
    reason = f"Retirement was decided: request {request.pk}."
    _close_valid(request, Clearance.State.REVOKED, reason, actor=actor)
    mails.tell_retired(request)


def _refuse_ended(request: Request, exceptions: Sequence[RuleException]) -> None:
    """An exception may end between two signatures; then the evidence is not what it was."""
    if reasons := excepted.endings(exceptions):
        raise Conflict(
            f"{request} can no longer be approved on this evidence: {' '.join(reasons)}",
            code="exception_ended",
            reasons=reasons,
            link=request.version.get_absolute_url(),
        )


def _digest_seen(version: dict) -> str:
    """The digest those who signed saw; requests opened before artifacts were pinned have only the first."""
    return version.get("artifact_digest", version["digest"])


def revoke(clearance: Clearance, *, actor: "User", reason: str) -> Clearance:
    """Ends a clearance at once. The pointer stays where it is until somebody moves it."""
    reason = long_enough(reason, "reason")
    version = clearance.version
    with (
        audit.refusals_recorded(
            Event.CLEARANCE_REVOKED, version, actor=actor, pointer=clearance.pointer
        ),
        transaction.atomic(durable=True),
    ):
        _lock(version)
        reasons = revocation_refusals(clearance, actor)
        if reasons:
            raise NotAllowed(reasons[0], reasons=reasons)
        return _end(clearance, Clearance.State.REVOKED, reason, actor=actor)


def lapse(clearance: Clearance, *, reason: str) -> Clearance:
    """Ends a clearance whose ground has gone, in the caller's transaction."""
    _lock(clearance.version)
    return _end(clearance, Clearance.State.LAPSED, reason, actor=None)


def lapse_overdue() -> int:
    """Marks the clearances whose time ran out, each in its own transaction; returns how many.

    The gate does not wait for this where it is the clearance's own time: it looks at it itself.
    """
    lapsed = 0
    for clearance in Clearance.objects.overdue().select_related(
        "version__model", "request", "blessing"
    ):
        try:
            with transaction.atomic(durable=True):
                lapse(clearance, reason=_time_ran_out(clearance))
                findings.record_overdue(clearance.request)
        except Conflict:  # ended by somebody between the two looks
            continue
        lapsed += 1
    return lapsed


def _time_ran_out(clearance: Clearance) -> str:
    """The exception under it may have set its time, or a condition of an approval."""
    missed = Finding.objects.overdue().filter(request=clearance.request_id)
    reasons = [
        f"{one.owner_name} has not reported the condition “{one.text}” done, which was due on "
        f"{one.due_on:%d %B %Y}."
        for one in missed
    ]
    reasons += excepted.endings(exceptions_under(clearance.blessing))
    return " ".join(reasons) or "its time ran out."


def check_artifacts() -> int:
    """Has the artifacts looked at again that serve or may; returns how many looks were queued."""
    cleared = Clearance.objects.filter(state=Clearance.State.VALID).values("version")
    staged = Q(stage__in=[Stage.STAGING, Stage.PRODUCTION])
    pointed = Q(pk__in=Alias.objects.values("version"))
    serving = ModelVersion.objects.live().filter(Q(pk__in=cleared) | pointed | staged)
    return connections.check_due(serving)


def promote(
    version: ModelVersion,
    *,
    actor: "User",
    alias: str = "champion",
    expected: Collection[str] | None = None,
) -> Alias:
    """Moves the alias to the version; the registry asks the gate.

    A refusal opens the request that is missing, if nothing else is in its way, and names it.
    """
    with _asking_instead(version, PointerKind.ALIAS, alias, actor):
        return registry.set_alias(version.model, alias, version, actor=actor, expected=expected)


def enter_stage(
    version: ModelVersion,
    stage: str,
    *,
    actor: "User",
    archive_existing: bool = False,
    expected: Collection[str] | None = None,
) -> ModelVersion:
    """Moves the version to a stage, as `promote` moves an alias."""
    stage = validation.stage(stage)
    with _asking_instead(version, PointerKind.STAGE, stage, actor):
        return registry.transition_stage(
            version, stage, actor=actor, archive_existing=archive_existing, expected=expected
        )


@contextmanager
def _asking_instead(
    version: ModelVersion, pointer_kind: str, pointer: str, actor: "User"
) -> Iterator[None]:
    """Adds to the gate's refusal the request that would help, opened now if there is none."""
    try:
        yield
    except RefusedByRegistry as refusal:
        if refusal.code != GATE_CLOSED:
            raise
        request, reasons = _request_for(version, pointer_kind, pointer, actor)
        raise _refused(version, pointer, refusal, request, reasons) from None


def _request_for(
    version: ModelVersion, pointer_kind: str, pointer: str, actor: "User"
) -> tuple[Request | None, list[str]]:
    """The open request for the move, new or old; or why none can be opened."""
    standing = Standing(version, pointer, pointer_kind=pointer_kind)
    if standing.request and standing.request.is_undecided:
        return standing.request, []
    if not standing.assessment.is_protected or standing.assessment.allowed:
        return None, []
    if obstacles := standing.obstacles():
        return None, [obstacle.sentence for obstacle in obstacles]
    try:
        request = request_promotion(
            version,
            actor=actor,
            alias=pointer,
            pointer_kind=pointer_kind,
            statement=f"Asked for by trying to move {pointer} to {version.label}.",
        )
    except (NotAllowed, Conflict) as refusal:
        return None, list(refusal.reasons) or [refusal.sentence]
    return request, []


def _refused(
    version: ModelVersion,
    pointer: str,
    refusal: RefusedByRegistry,
    request: Request | None,
    reasons: list[str],
) -> RefusedByRegistry:
    """The gate's words with the number and address of what helps."""
    known = list(refusal.reasons)
    known += [reason for reason in reasons if reason not in known]
    if request is None:
        page = f"{settings.PUBLIC_URL}{refusal.link or version.get_absolute_url()}"
        advice = f"What is missing stands at {page}"
    else:
        address = f"{settings.PUBLIC_URL}{request.get_absolute_url()}"
        advice = (
            f"Approval request {request.pk} decides it: {address} . Once it is approved, the same "
            "call succeeds."
        )
    what = refusal.sentence.partition(": refused.")[0]
    return RefusedByRegistry(
        f"{what}: refused. {' '.join(known)} {advice}",
        code=GATE_CLOSED,
        reasons=known,
        link=request.get_absolute_url() if request else refusal.link,
    )


def _lock(version: ModelVersion) -> None:
    """Takes the row under which the registry asks its gate, so that no move crosses this change."""
    RegisteredModel.objects.select_for_update(no_key=True).get(pk=version.model_id)


def _end(clearance: Clearance, state: str, reason: str, *, actor: "User | None") -> Clearance:
    clearance = _close(clearance, state, reason, actor=actor)
    mails.tell_ended(clearance)
    return clearance


def _close_valid(request: Request, state: str, reason: str, *, actor: "User | None") -> None:
    """Closes what the version has for the pointer of the request, in favour of what was signed now."""
    valid = Clearance.objects.filter(version=request.version, state=Clearance.State.VALID)
    for clearance in valid.for_pointer(request.pointer_kind, request.pointer):
        _close(clearance, state, reason, actor=actor)


def _close(clearance: Clearance, state: str, reason: str, *, actor: "User | None") -> Clearance:
    clearance = Clearance.objects.select_related("version__model", "request").get(
        pk=clearance.pk
    )
    if clearance.state != Clearance.State.VALID:
        raise Conflict(f"This clearance has {clearance.get_state_display().lower()} already.")
    clearance.state, clearance.reason, clearance.ended_at = state, reason, timezone.now()
    clearance.ended_by, clearance.ended_by_name = actor, actor.display_name if actor else ""
    clearance.save(update_fields=["state", "reason", "ended_at", "ended_by", "ended_by_name"])
    audit.record(
        ENDED[clearance.state],
        clearance.version,
        actor=actor,
        pointer=clearance.pointer,
        request=clearance.request_id,
        reason=reason,
    )
    return clearance
