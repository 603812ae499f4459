"""Calendar files as RFC 5545 wants them: no database."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.notifications.calendar import Deadline, calendar, escaped, fold

DUE = datetime(2026, 7, 10, 12, tzinfo=ZoneInfo("Europe/Zurich"))


def deadline(**changed):
    told = datetime(2026, 7, 1, 8, tzinfo=UTC)
    fields = {
        "uid": "approvals.request.7.3@example.com",
        "sequence": 41,
        "due_at": DUE,
        "written_at": told,
        "title": "To sign: credit v3; now, please",
        "text": "Ada asks.\nSee C:\\models",
        "url": "https://example.com/approvals/7/",
    }
    return Deadline(**(fields | changed))


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def test_a_deadline_is_an_event_that_ends_when_it_is_due():
    lines = unfolded(calendar([deadline()]))

    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for line in (
        "METHOD:PUBLISH",
        "UID:approvals.request.7.3@example.com",
        "SEQUENCE:41",
        "DTSTAMP:20260701T080000Z",
        "DTSTART:20260710T093000Z",
        "DTEND:20260710T100000Z",
        "SUMMARY:To sign: credit v3\\; now\\, please",
        "DESCRIPTION:Ada asks.\\nSee C:\\\\models",
        "STATUS:CONFIRMED",
        "TRIGGER:-P1D",
    ):
        assert lines.count(line) == 1


def test_what_is_over_is_cancelled_and_alarms_nobody():
    lines = unfolded(calendar([deadline(is_over=True)]))

    assert "STATUS:CANCELLED" in lines
    assert "BEGIN:VALARM" not in lines


def test_every_line_ends_with_both_signs_and_has_at_most_75_octets():
    text = calendar([deadline(title="ü€😀" * 60), deadline(text="x" * 300)])

    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) == 75


@pytest.mark.parametrize("length", [74, 75, 76, 149, 150])
def test_a_line_is_broken_only_where_it_must(length):
    lines = fold("x" * length).split("\r\n")

    assert len(lines) == 1 if length <= 75 else len(lines) >= 2
    assert "".join([lines[0], *(line[1:] for line in lines[1:])]) == "x" * length


def test_a_hard_space_stays_a_space_and_control_signs_go():
    assert escaped("Grüezi\xa0Welt\x07") == "Grüezi Welt"


@given(st.text())
def test_folding_loses_nothing_and_smuggles_no_line(text):
    value = escaped(text)
    folded = fold(f"SUMMARY:{value}")

    assert folded.replace("\r\n ", "") == f"SUMMARY:{value}"
    assert all(part.startswith(" ") for part in folded.split("\r\n")[1:])
    assert "\n" not in value and "\r" not in value
