"""Calendar entries for due dates, as RFC 5545 writes them: folded, escaped, in UTC. No database here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MEDIA_TYPE = "text/calendar; method=PUBLISH"
LONGEST_LINE = 75  # octets, without the line break
LENGTH = timedelta(minutes=30)
BREAK = "\r\n"


@dataclass(frozen=True)
class Deadline:
    """Something due; a later one with the same `uid` and a higher `sequence` takes its place."""

    uid: str
    sequence: int
    due_at: datetime
    written_at: datetime
    title: str
    text: str
    url: str
    is_over: bool = False


def calendar(deadlines: Iterable[Deadline]) -> str:
    """One calendar file that publishes the deadlines; each ends when it is due, a day after its alarm."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Imprimatur//Deadlines//EN",
        "METHOD:PUBLISH",
    ]
    for one in deadlines:
        lines += _event(one)
    lines.append("END:VCALENDAR")
    return "".join(fold(line) + BREAK for line in lines)


def _event(one: Deadline) -> list[str]:
    facts = [
        "BEGIN:VEVENT",
        f"UID:{one.uid}",
        f"SEQUENCE:{one.sequence}",
        f"DTSTAMP:{_utc(one.written_at)}",
        f"DTSTART:{_utc(one.due_at - LENGTH)}",
        f"DTEND:{_utc(one.due_at)}",
        f"SUMMARY:{escaped(one.title)}",
        f"DESCRIPTION:{escaped(one.text)}",
        f"URL:{one.url}",
        f"STATUS:{'CANCELLED' if one.is_over else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
    ]
    alarm = [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-P1D",
        f"DESCRIPTION:{escaped(one.title)}",
        "END:VALARM",
    ]
    return [*facts, *([] if one.is_over else alarm), "END:VEVENT"]


def escaped(text: str) -> str:
    """Text as a value: backslashes, semicolons and commas marked, line breaks as \\n."""
    for sign in "\\;,":
        text = text.replace(sign, "\\" + sign)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\\n".join("".join(map(_printable, line)) for line in lines)


def _printable(sign: str) -> str:
    return sign if sign.isprintable() else " " * sign.isspace()


def fold(line: str) -> str:
    """Breaks a line after at most 75 octets, never inside a character; what follows is indented."""
    parts, part, room = [], "", LONGEST_LINE
    for sign in line:
        if len((part + sign).encode()) > room:
            parts.append(part)
            part, room = "", LONGEST_LINE - 1
        part += sign
    return f"{BREAK} ".join([*parts, part])


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
