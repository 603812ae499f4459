"""Whom a clearance tells what; the sending is done by notifications."""

from governance.notifications import services as notifications
from governance.notifications.addressing import Addressee, by_letter
from governance.release.models import Clearance
from raci import queries as raci

RELEASE = "release"


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
            f"{clearance.valid_until:%d %B %Y}. Move {clearance.pointer} when you are ready."
        ),
        url=version.get_absolute_url(),
        context=_facts(clearance),
    )


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


def _releasing(clearance: Clearance) -> list[Addressee]:
    """Who performs or answers for the release first, then who is Informed of it."""
    return by_letter(
        [
            *raci.carriers(clearance.request.scope, [RELEASE]),
            *raci.carriers(clearance.request.scope, [RELEASE], ["I"]),
        ]
    )


def _facts(clearance: Clearance, **more: str) -> dict[str, str]:
    return {
        "version": clearance.version.label,
        "use_case": clearance.request.use_case_title,
        "evidence": clearance.request.evidence_sentence,
        **more,
    }
