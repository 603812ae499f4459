"""The word, the colour and the icon of every state, the same on every screen."""

from typing import NamedTuple


class Look(NamedTuple):
    word: str
    tone: str  # good | bad | warn | info | quiet
    icon: str


# By the value of the state; where two apps share a value, it means the same.
LOOKS = {
    # verdicts
    "blessed": Look("Blessed", "good", "rosette-discount-check"),
    "blessed_first": Look("Blessed (first version)", "good", "rosette-discount-check"),
    "blessed_with_exception": Look("Blessed with exception", "warn", "flag"),
    "not_blessed": Look("Not blessed", "bad", "circle-x"),
    "undecided": Look("Undecided", "warn", "help-circle"),
    "not_evaluated": Look("Not evaluated", "quiet", "circle-dashed"),
    # outcomes of rules
    "pass": Look("Pass", "good", "check"),
    "fail": Look("Fail", "bad", "x"),
    "missing": Look("Missing", "bad", "circle-dashed"),
    "too_few": Look("Too few rows", "warn", "users"),
    "no_baseline": Look("No baseline", "quiet", "minus"),
    "undefined": Look("Undefined", "warn", "help-circle"),
    # infra checks
    "passed": Look("Passed", "good", "circle-check"),
    "not_possible": Look("Not possible", "warn", "help-circle"),
    "skipped": Look("Skipped", "quiet", "minus"),
    # back-tests
    "blocked": Look("Would be blocked", "bad", "ban"),
    "would_pass": Look("Would pass", "info", "circle-check"),
    "same": Look("Same", "quiet", "minus"),
    "not_judged": Look("Not judged then", "quiet", "circle-dashed"),
    # severities of rules
    "must": Look("Must", "info", "gavel"),
    "warn": Look("Warn", "warn", "alert-triangle"),
    "warning": Look("Warning", "warn", "alert-triangle"),
    "note": Look("Note", "quiet", "info-circle"),
    # approval requests and votes
    "open": Look("In approval", "info", "signature"),
    "rework": Look("Waiting for changes", "warn", "pencil"),
    "approved": Look("Approved", "good", "circle-check"),
    "approve": Look("Approved", "good", "circle-check"),
    "rejected": Look("Rejected", "bad", "circle-x"),
    "reject": Look("Rejected", "bad", "circle-x"),
    "withdrawn": Look("Withdrawn", "quiet", "arrow-left"),
    "expired": Look("Expired", "warn", "hourglass"),
    # clearances and the gate
    "valid": Look("Cleared", "good", "shield-check"),
    "cleared": Look("Cleared", "good", "shield-check"),
    "lapsed": Look("Lapsed", "warn", "hourglass"),
    "revoked": Look("Revoked", "bad", "shield-x"),
    "renewed": Look("Renewed", "quiet", "shield-check"),
    "serving": Look("Serving", "good", "bolt"),
    "allowed": Look("Allowed", "good", "shield-check"),
    "refused": Look("Refused", "bad", "ban"),
    "ungoverned": Look("Ungoverned", "warn", "alert-triangle"),
    # items of a checklist
    "done": Look("Done", "good", "circle-check"),
    "waiting": Look("Waiting", "info", "clock"),
    "todo": Look("To do", "quiet", "circle-dashed"),
    "overdue": Look("Overdue", "bad", "clock"),
    "reported": Look("Reported done", "info", "circle-check"),
    # jobs and evaluations
    "queued": Look("Queued", "quiet", "hourglass"),
    "requested": Look("Requested", "quiet", "hourglass"),
    "running": Look("Running", "info", "player-play"),
    "measuring": Look("Measuring", "info", "chart-dots"),
    "succeeded": Look("Done", "good", "circle-check"),
    "finished": Look("Finished", "good", "circle-check"),
    "failed": Look("Failed", "bad", "circle-x"),
    "cancelled": Look("Cancelled", "quiet", "ban"),
    # data sets
    "named": Look("Known from evaluations", "quiet", "circle-dashed"),
    "profiling": Look("Being read", "info", "loader"),
    "ready": Look("Recorded", "good", "circle-check"),
    # webhooks and their deliveries
    "active": Look("Active", "good", "circle-check"),
    "failing": Look("Failing", "bad", "alert-triangle"),
    "disabled": Look("Disabled", "quiet", "player-stop"),
    "delivered": Look("Delivered", "good", "circle-check"),
    "given_up": Look("Given up", "bad", "ban"),
    # where registries differ
    "seen": Look("Seen", "warn", "alert-triangle"),
    "mailed": Look("Mailed", "warn", "alert-triangle"),
    "moved_back": Look("Moved back", "info", "arrow-left"),
    # policies
    "draft": Look("Draft", "quiet", "pencil"),
    "review": Look("In review", "info", "eye"),
    "published": Look("Published", "good", "circle-check"),
    "retired": Look("Retired", "quiet", "archive"),
    "stricter": Look("Stricter", "good", "arrow-up"),
    "looser": Look("Looser", "warn", "arrow-down"),
    "other": Look("Other", "quiet", "pencil"),
    # requirements of a use case
    "asked": Look("Asked", "info", "message-question"),
    "granted": Look("Granted", "good", "circle-check"),
    # signatures of exceptions
    "grant": Look("Granted", "good", "circle-check"),
    "refuse": Look("Refused", "bad", "ban"),
    # KPIs against their target
    "on_target": Look("On target", "good", "target-arrow"),
    "off_target": Look("Off target", "bad", "target"),
    "no_observation": Look("Not observed yet", "quiet", "circle-dashed"),
    # stages of a version
    "none": Look("No stage", "quiet", "minus"),
    "staging": Look("Staging", "info", "layout-grid"),
    "production": Look("Production", "good", "bolt"),
    "archived": Look("Archived", "quiet", "archive"),
}
ATTRIBUTES = ("state", "verdict", "outcome", "decision")


def look_of(thing: object) -> Look:
    """Returns the look of a state, or of the object that has one."""
    value = thing
    if not isinstance(thing, str):
        held = (getattr(thing, name, None) for name in ATTRIBUTES)
        value = next((found for found in held if isinstance(found, str)), "")
    key = str(getattr(value, "value", value)).strip().lower().replace(" ", "_")
    return LOOKS.get(key) or Look(
        key.replace("_", " ").capitalize() or "Unknown", "quiet", "circle"
    )
