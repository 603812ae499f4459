"""Whether one version may serve under one pointer now: the question behind the gate and every report."""

from dataclasses import dataclass

from django.utils import timezone

from governance.approvals.kinds import PERMITS
from governance.approvals.models import Request
from governance.blessing.queries import exceptions_under
from governance.release import excepted, rules
from governance.release.models import Clearance
from governance.release.protection import Protection, protection_of
from registry import queries as registry
from registry.models import ModelVersion, PointerKind


@dataclass(frozen=True)
class Assessment:
    """The answer with its reasons, and the clearance and request it rests on."""

    version: ModelVersion
    pointer_kind: str
    pointer: str
    protection: Protection
    is_protected: bool
    allowed: bool
    reasons: tuple[str, ...]
    clearance: Clearance | None = None
    request: Request | None = None

    @property
    def link(self) -> str:
        """The page that helps: where the checklist of this version stands."""
        return self.version.get_absolute_url()


def assess(
    version: ModelVersion,
    pointer: str,
    *,
    pointer_kind: str = PointerKind.ALIAS,
    protection: Protection | None = None,
) -> Assessment:
    """Looks for a clearance that holds now, among all the version ever had for the pointer.

    Who asks about several pointers of one model may hand in its protection.
    """
    protection = protection or protection_of(version.model)
    asked = (version, pointer_kind, pointer, protection)
    if not protection.covers(pointer_kind, pointer):
        reason = f"{pointer} is not protected, so no clearance is needed."
        return Assessment(*asked, False, True, (reason,))
    clearances = list(
        Clearance.objects.for_pointer(pointer_kind, pointer)
        .filter(version=version)
        .select_related("request", "blessing", "policy_version__policy")
    )
    if protection.policy_version is None:
        newest = clearances[0] if clearances else None
        return Assessment(*asked, True, False, (protection.reason,), newest)
    artifact = registry.digests(version) if clearances else ("", "")
    found = [(one, _not_valid(one, version, protection, artifact)) for one in clearances]
    holding = next((one for one, reasons in found if not reasons), None)
    if holding:
        reason = f"Cleared for {pointer} until {holding.valid_until:%d %B %Y}."
        rests_on = excepted.held(exceptions_under(holding.blessing))
        reasons = (reason, *rests_on)
        return Assessment(*asked, True, True, reasons, holding, holding.request)
    request = _newest_request(version, pointer_kind, pointer)
    newest = clearances[0] if clearances else None
    reasons = (*_why_not(found, version, pointer), *_asked_for(request, newest))
    return Assessment(*asked, True, False, reasons, newest, request)


def _not_valid(
    clearance: Clearance,
    version: ModelVersion,
    protection: Protection,
    artifact: tuple[str, str],
) -> list[str]:
    present, pinned = artifact
    return rules.not_valid(
        rules.ClearanceFacts(
            pointer=clearance.pointer,
            state=clearance.state,
            reason=clearance.reason,
            valid_from=clearance.valid_from,
            valid_until=clearance.valid_until,
            time_ran_out=_time_ran_out(clearance),
            # cleared before its artifact was pinned, a version was cleared with what was pinned
            cleared_digest=pinned
            if clearance.digest in ("", version.digest)
            else clearance.digest,
            present_digest=present,
            cleared_policy=clearance.policy_version.policy.name,
            present_policy=protection.policy_version.policy.name,
        ),
        now=timezone.now(),
    )


def _time_ran_out(clearance: Clearance) -> str:
    if clearance.valid_until > timezone.now():
        return ""
    return " ".join(excepted.endings(exceptions_under(clearance.blessing)))


def _why_not(
    found: list[tuple[Clearance, list[str]]], version: ModelVersion, pointer: str
) -> list[str]:
    """The newest clearance speaks for the older ones."""
    if found:
        return found[0][1]
    return [f"{version.label} has no clearance for {pointer}."]


def _asked_for(request: Request | None, clearance: Clearance | None) -> list[str]:
    """Where the request stands, unless the clearance that ended came from it."""
    if request is None or (clearance and clearance.request_id == request.pk):
        return []
    if request.is_open:
        waiting = " and ".join(step.name for step in request.open_steps) or "signatures"
        return [f"Request {request.pk} for it is open: it waits for {waiting}."]
    if request.is_undecided:
        return [f"Request {request.pk} for it waits for changes by {request.requester_name}."]
    return [f"Request {request.pk} for it was {request.get_state_display().lower()}."]


def _newest_request(version: ModelVersion, pointer_kind: str, pointer: str) -> Request | None:
    asked = Request.objects.filter(
        kind__in=PERMITS, version=version, pointer_kind=pointer_kind, pointer=pointer
    )
    return asked.with_steps().first()
