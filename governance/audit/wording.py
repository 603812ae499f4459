"""What one entry of the trail says, as a plain sentence; pure functions of what was written down."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from governance.audit.events import ATTEMPTS, Event

if TYPE_CHECKING:
    from governance.audit.models import Entry

LONGEST_TEXT = 160


def headline(entry: "Entry") -> str:
    """“Alias set”, or “Refused: set alias” for what was not let through."""
    if not entry.refused:
        return entry.get_event_display()
    known = entry.event in Event.values
    attempt = ATTEMPTS.get(Event(entry.event)) if known else None
    return f"Refused: {attempt or entry.get_event_display().lower()}"


def sentence(entry: "Entry") -> str:
    """The headline with what it was about: “Alias set: champion → credit-scoring v3”."""
    words = DETAILS.get(entry.event)
    details = words(entry) if words else entry.subject_label
    return f"{headline(entry)}: {details}" if details else headline(entry)


def reasons(entry: "Entry") -> list[str]:
    """Why it was refused, or allowed, or done: in the words of those who said so."""
    told = [str(reason) for reason in entry.data.get("reasons") or []]
    if given := entry.data.get("reason"):
        told.append(_short(given))
    return told


def _alias(entry: "Entry") -> str:
    data = entry.data
    alias, target = data.get("alias", ""), data.get("after") or data.get("version", "")
    former = f", before {data['before']}" if data.get("before") else ""
    return f"{alias} → {target}{former}" if target else f"{alias}{former}"


def _stage(entry: "Entry") -> str:
    wanted = entry.data.get("after") or entry.data.get("stage", "")
    before = entry.data.get("before")
    moved = f"{before} → {wanted}" if before else f"to {wanted}"
    return f"{entry.subject_label}, {moved}"


def _tag(entry: "Entry") -> str:
    key, value = entry.data.get("key", ""), _short(entry.data.get("value", ""))
    return f"{key}{f' = {value}' if value else ''}, on {entry.subject_label}"


def _renamed(entry: "Entry") -> str:
    return f"{entry.data.get('before') or entry.subject_label} → {entry.data.get('after', '')}"


def _pointer(entry: "Entry") -> str:
    pointer = entry.data.get("pointer")
    return f"{entry.subject_label}{f' as {pointer}' if pointer else ''}"


def _vote(entry: "Entry") -> str:
    data = entry.data
    signed = ", ".join(
        filter(None, [data.get("step"), data.get("meaning"), data.get("capacity")])
    )
    return f"{entry.subject_label}{f' ({signed})' if signed else ''}"


def _person(entry: "Entry") -> str:
    return f"{entry.data.get('person', '')}, on {entry.subject_label}".removeprefix(", on ")


def _escalated(entry: "Entry") -> str:
    people = ", ".join(entry.data.get("people") or [])
    step = entry.data.get("step", "")
    return f"{step} of {entry.subject_label} to {people}" if people else entry.subject_label


def _verdict(entry: "Entry") -> str:
    verdict = str(entry.data.get("verdict", "")).replace("_", " ")
    by = f" by {entry.data['policy']}" if entry.data.get("policy") else ""
    told = f"{verdict}{by}".strip()
    return f"{entry.subject_label.partition(':')[0]}{f', {told}' if told else ''}"


def _evaluation(entry: "Entry") -> str:
    rows = entry.data.get("rows")
    return f"{entry.subject_label}{f', {rows:,} rows' if isinstance(rows, int) else ''}"


def _infra(entry: "Entry") -> str:
    outcome = str(entry.data.get("outcome", "")).replace("_", " ")
    failed = ", ".join(str(one).replace("_", " ") for one in entry.data.get("failed") or [])
    told = f"{outcome}{f' ({failed})' if failed else ''}"
    return f"{entry.subject_label}{f', {told}' if told else ''}"


def _card(entry: "Entry") -> str:
    texts = ", ".join(str(one).replace("_", " ") for one in entry.data.get("texts") or [])
    return f"{entry.subject_label}{f', {texts}' if texts else ''}"


def _told(entry: "Entry") -> str:
    return _short(entry.data.get("sentence") or entry.subject_label)


def _artifact(entry: "Entry") -> str:
    """Digests by their beginnings, as people compare them."""
    data = entry.data
    before, after = _brief(data.get("before")), _brief(data.get("after") or data.get("digest"))
    moved = f"{before} → {after}" if before else after
    return f"{entry.subject_label}{f', {moved}' if moved else ''}"


def _brief(digest: object) -> str:
    text = str(digest or "")
    return f"{text[:19]}…" if len(text) > 20 else text


def _adopted(entry: "Entry") -> str:
    model = entry.data.get("model")
    return f"{model} into {entry.subject_label}" if model else entry.subject_label


def _short(text: object) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= LONGEST_TEXT else f"{words[: LONGEST_TEXT - 1]}…"


DETAILS: dict[str, Callable[["Entry"], str]] = {
    Event.ALIAS_SET: _alias,
    Event.ALIAS_DELETED: _alias,
    Event.STAGE_CHANGED: _stage,
    Event.TAG_SET: _tag,
    Event.TAG_DELETED: _tag,
    Event.ARTIFACT_PINNED: _artifact,
    Event.ARTIFACT_CHANGED: _artifact,
    Event.DIVERGENCE_SEEN: _told,
    Event.DIVERGENCE_RESOLVED: _told,
    Event.ALIAS_MOVED_BACK: _told,
    Event.MODEL_RENAMED: _renamed,
    Event.MODEL_ADOPTED: _adopted,
    Event.CLEARANCE_GRANTED: _pointer,
    Event.CLEARANCE_LAPSED: _pointer,
    Event.CLEARANCE_REVOKED: _pointer,
    Event.REQUEST_OPENED: _pointer,
    Event.VOTED: _vote,
    Event.SILENT: _person,
    Event.ESCALATED: _escalated,
    Event.EXCEPTION_SIGNED: _vote,
    Event.BLESSING_GIVEN: _verdict,
    Event.BACK_TEST_FINISHED: _told,
    Event.EVALUATION_FINISHED: _evaluation,
    Event.INFRA_CHECKED: _infra,
    Event.CARD_REVISED: _card,
    Event.CARD_CONFIRMED: _card,
}
