"""When a clearance holds: a pure function of plain facts and the time, returning sentences."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ClearanceFacts:
    """One clearance beside what is so today."""

    pointer: str
    state: str
    reason: str
    valid_from: datetime
    valid_until: datetime
    cleared_digest: str
    present_digest: str
    cleared_policy: str
    present_policy: str
    time_ran_out: str = ""


def not_valid(facts: ClearanceFacts, *, now: datetime) -> list[str]:
    """Why the clearance does not hold now; an empty list means that it does."""
    if facts.state != "valid":
        return [f"Its clearance for {facts.pointer} has {_ended(facts)}"]
    reasons = []
    # Asked here and not read from the state: a sweeper may be late, the gate may not.
    if now >= facts.valid_until:
        reasons.append(
            f"Its clearance for {facts.pointer} lapsed on {facts.valid_until:%d %B %Y}: "
            f"{facts.time_ran_out or 'its time ran out.'}"
        )
    if now < facts.valid_from:
        reasons.append(f"Its clearance begins on {facts.valid_from:%d %B %Y}.")
    if facts.cleared_digest != facts.present_digest:
        reasons.append("The artifact's digest is not the one that was cleared.")
    if facts.cleared_policy != facts.present_policy:
        reasons.append(
            f"It was cleared under the policy {facts.cleared_policy}; now "
            f"{facts.present_policy} applies."
        )
    return reasons


def _ended(facts: ClearanceFacts) -> str:
    words = {"revoked": "been revoked", "renewed": "been renewed"}
    word = words.get(facts.state, "lapsed")
    return f"{word}: {facts.reason}" if facts.reason else f"{word}."
