"""Hours of a person's day: no database."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from governance.notifications.hours import is_quiet_at, next_digest, quiet_until

ZURICH, KOLKATA = ZoneInfo("Europe/Zurich"), ZoneInfo("Asia/Kolkata")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "zone", "expected"),
    [
        ("2026-01-10T06:59", ZURICH, "2026-01-10T07:00"),
        ("2026-01-10T07:00", ZURICH, "2026-01-11T07:00"),
        ("2026-01-10T23:30", ZURICH, "2026-01-11T07:00"),
        ("2026-07-10T07:00", ZURICH, "2026-07-11T06:00"),
        ("2026-03-28T12:00", ZURICH, "2026-03-29T06:00"),  # the night summer time begins
        ("2026-10-24T12:00", ZURICH, "2026-10-25T07:00"),  # the night it ends
        ("2026-01-10T02:00", KOLKATA, "2026-01-10T02:30"),
    ],
)
def test_the_digest_comes_at_eight_where_the_reader_lives(after, zone, expected):
    assert next_digest(at(after), 8, zone) == at(expected)


def test_an_hour_that_summer_time_leaves_out_still_brings_one_digest():
    first = next_digest(at("2026-03-28T12:00"), 2, ZURICH)

    assert first == at("2026-03-29T01:00")  # 03:00 on the wall
    assert next_digest(first, 2, ZURICH) == at("2026-03-30T00:00")


def test_an_hour_that_comes_twice_brings_one_digest():
    first = next_digest(at("2026-10-24T12:00"), 2, ZURICH)

    assert first == at("2026-10-25T00:00")
    assert next_digest(first, 2, ZURICH) == at("2026-10-26T01:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-01-10T20:59", None),  # 21:59 in Zurich
        ("2026-01-10T21:00", "2026-01-11T06:00"),
        ("2026-01-11T05:59", "2026-01-11T06:00"),
        ("2026-01-11T06:00", None),
        ("2026-03-28T22:00", "2026-03-29T05:00"),  # the short night
        ("2026-10-24T22:00", "2026-10-25T06:00"),  # the long night
    ],
)
def test_a_night_is_quiet_until_it_ends(now, expected):
    ends = quiet_until(at(now), time(22), time(7), ZURICH)

    assert ends == (at(expected) if expected else None)


def test_a_lunch_break_may_be_quiet():
    assert quiet_until(at("2026-01-10T11:30"), time(12), time(13), ZURICH) == at(
        "2026-01-10T12:00"
    )
    assert quiet_until(at("2026-01-10T12:00"), time(12), time(13), ZURICH) is None


def test_without_quiet_hours_it_is_never_quiet():
    assert quiet_until(at("2026-01-10T23:00"), None, None, ZURICH) is None
    assert not is_quiet_at(time(23), None, None)


def test_quiet_hours_hold_what_lies_between_their_ends():
    assert is_quiet_at(time(23), time(22), time(7))
    assert is_quiet_at(time(6), time(22), time(7))
    assert not is_quiet_at(time(8), time(22), time(7))
