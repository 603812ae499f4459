"""Whom a clearance tells what; the sending is done by notifications."""

from governance.approvals.kinds import Kind
from governance.approvals.models import Request
from governance.notifications import services as notifications
from governance.notifications.addressing import Addressee, by_letter
from governance.release.models import Clearance
from raci import queries as raci

RELEASE, PERIODIC_REVIEW, EXECUTE_RETIREMENT = (
    "release",
    "periodic_review",
    "execute_retirement",
)


def tell_granted(clearance: Clearance) -> None:
    """Tells those who release, and who is Informed of it, that the pointer may move now."""
    version = clearance.version
    notifications.tell(
        _releasing(clearance),
        "clearance_granted",
        subject=version,
        title=f"Cleared: {version.label} for {clearance.pointer}",
        line=(
            f"{version.label} may serve as {clearance.pointer} until "
            f"{clearance.valid_until:%d %B %Y}.{_next(clearance)}"
        ),
        url=version.get_absolute_url(),
        context=_facts(clearance),
    )


def _next(clearance: Clearance) -> str:
    if clearance.request.kind == Kind.REVALIDATION:
        return " It goes on serving; nothing has to be moved."
    return f" Move {clearance.pointer} when you are ready."


def tell_ended(clearance: Clearance) -> None:
    """Tells those who release, who is Informed of it and who asked, that the gate is closed again."""
    version = clearance.version
    word = clearance.get_state_display()
    notifications.tell(
        [*_releasing(clearance), clearance.request.requester],
        "clearance_ended",
        subject=version,
        title=f"{word}: clearance of {version.label} for {clearance.pointer}",
        line=(
            f"{version.label} may no longer be moved to {clearance.pointer}. If it serves now, "
            "decide whether to take it out."
        ),
        url=version.get_absolute_url(),
        context=_facts(clearance, reason=clearance.reason),
    )


def tell_retired(request: Request) -> None:
    """Tells those who switch off, and who is Informed of it, that a version is to leave its pointer."""
    version = request.version
    notifications.tell(
        _carrying(request.scope, EXECUTE_RETIREMENT),
        "clearance_ended",
        subject=version,
        title=f"Retires: {version.label} from {request.pointer}",
        line=(
            f"It was decided that {request.wish}. Take {request.pointer} away when what depends on "
            "it is gone, archive, and delete what must not be kept."
        ),
        url=version.get_absolute_url(),
        context={
            "version": version.label,
            "use_case": request.use_case_title,
            "evidence": request.evidence_sentence,
            "why": "You switch retired models off, or are told when they are.",
        },
    )


def call_for_revalidation(clearance: Clearance) -> None:
    """Tells who validates again, and who may ask for it, that a clearance ends."""
    version = clearance.version
    notifications.tell(
        _carrying(clearance.request.scope, PERIODIC_REVIEW),
        "revalidation_due",
        subject=version,
        title=f"To validate again: {version.label} as {clearance.pointer}",
        line=(
            f"{version.label} may serve as {clearance.pointer} until "
            f"{clearance.valid_until:%d %B %Y}. Have it evaluated on recent data and ask for its "
            "re-validation, or let it retire."
        ),
        url=version.get_absolute_url(),
        context=_facts(clearance),
        due=clearance.valid_until,
    )


def _releasing(clearance: Clearance) -> list[Addressee]:
    return _carrying(clearance.request.scope, RELEASE)


def _carrying(scope: str, activity: str) -> list[Addressee]:
    """Who performs or answers for the activity first, then who is Informed of it."""
    found = [*raci.carriers(scope, [activity]), *raci.carriers(scope, [activity], ["I"])]
    return by_letter(found)


def _facts(clearance: Clearance, **more: str) -> dict[str, str]:
    return {
        "version": clearance.version.label,
        "use_case": clearance.request.use_case_title,
        "evidence": clearance.request.evidence_sentence,
        **more,
    }
