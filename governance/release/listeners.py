"""What release hears: an approved request becomes a clearance, a failed verdict or the end of an exception ends one."""

from typing import TYPE_CHECKING

from django.db.models import Model

from governance.approvals import services as approvals
from governance.approvals.kinds import OF_VERSIONS, PERMITS, Kind, handed_in_by
from governance.approvals.models import Request
from governance.approvals.signals import request_approved
from governance.audit.events import Event
from governance.blessing.models import Blessing
from governance.blessing.queries import resting_on
from governance.blessing.signals import judged
from governance.exceptions import signals as exceptions
from governance.exceptions.models import RuleException
from governance.release import asking, excepted, services
from governance.release.models import Clearance
from registry.signals import changed

if TYPE_CHECKING:
    from governance.accounts.models import User

EVIDENCE_CHANGED, ARTIFACT_CHANGED = "evidence changed", "artifact changed"


def carry_out(request: Request, actor: "User | None", **_: object) -> None:
    """What was approved of a version becomes so at once."""
    if request.kind in PERMITS:
        services.grant(request, actor=actor)
    elif request.kind == Kind.RETIREMENT:
        services.retire(request, actor=actor)


def lapse_disproved(blessing: Blessing, **_: object) -> None:
    """A version judged again without success keeps no clearance whose policy says so.

    Nor can it be signed on the former verdict: open requests go back to who asked.
    """
    if blessing.is_sufficient:
        return
    approvals.send_back(blessing.version, reason=f"judged again: {blessing.sentence}")
    valid = Clearance.objects.filter(version=blessing.version, state=Clearance.State.VALID)
    for clearance in valid.select_related("version", "policy_version", "blessing"):
        if _disproves(blessing, clearance):
            services.lapse(clearance, reason=f"judged again: {blessing.sentence}")


def _disproves(blessing: Blessing, clearance: Clearance) -> bool:
    """What was only let through by an exception needs no failure to fall: any less is too little."""
    if clearance.blessing.verdict == Blessing.Verdict.BLESSED_WITH_EXCEPTION:
        return True
    failed = blessing.verdict == Blessing.Verdict.NOT_BLESSED
    return failed and EVIDENCE_CHANGED in clearance.policy_version.parsed.lapses_on


def lapse_unexcepted(exception: RuleException, was: str, **_: object) -> None:
    """With an exception ends what rests on it, whatever a policy says: it was given for a time only."""
    if was != RuleException.State.GRANTED:
        return
    reason, blessings = excepted.ending(exception), resting_on(exception)
    valid = Clearance.objects.filter(
        blessing__in=blessings.values("pk"), state=Clearance.State.VALID
    )
    for clearance in valid.select_related("version", "policy_version"):
        services.lapse(clearance, reason=reason)
    approvals.close_unfounded(blessings, reason=f"It rested on an exception; {reason}")


def lapse_changed(event: str, subject: Model, data: dict, **_: object) -> None:
    """What was signed for was another artifact."""
    if event != Event.ARTIFACT_CHANGED:
        return
    valid = Clearance.objects.filter(version_id=subject.pk, state=Clearance.State.VALID)
    for clearance in valid.select_related("version", "policy_version"):
        if ARTIFACT_CHANGED in clearance.policy_version.parsed.lapses_on:
            reason = f"its artifact was found changed, {data['before']} is {data['after']} now."
            services.lapse(clearance, reason=reason)


def connect() -> None:
    changed.connect(lapse_changed, dispatch_uid="release.lapse_changed")
    request_approved.connect(carry_out, dispatch_uid="release.carry_out")
    handed_in_by(asking.hand_in_again, *OF_VERSIONS)
    exceptions.changed.connect(lapse_unexcepted, dispatch_uid="release.lapse_unexcepted")
    judged.connect(lapse_disproved, dispatch_uid="release.lapse_disproved")
