"""Counting working days: weekends, public holidays, and clocks that change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured

from governance.working_days import WorkingCalendar, WorkingDays, house_calendar

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = WorkingCalendar(BERLIN)
CHRISTMAS = WorkingCalendar(
    BERLIN, days_off={date(2026, 12, 25): "Christmas", date(2026, 12, 26): "Second day"}
)


def berlin(*moment):
    return datetime(*moment, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("asked_at", "count", "due_at"),
    [
        (berlin(2026, 3, 2, 10), 1, berlin(2026, 3, 3, 10)),  # Monday, Tuesday
        (berlin(2026, 3, 6, 10), 1, berlin(2026, 3, 9, 10)),  # Friday, Monday
        (berlin(2026, 3, 2, 10), 5, berlin(2026, 3, 9, 10)),
        (berlin(2026, 3, 7, 10), 1, berlin(2026, 3, 10, 0)),  # Saturday: all of Monday
        (berlin(2026, 3, 8, 23, 59), 1, berlin(2026, 3, 10, 0)),
    ],
)
def test_days_off_do_not_count(asked_at, count, due_at):
    assert WEEK.after(asked_at, WorkingDays(count)) == due_at


def test_public_holidays_do_not_count():
    thursday = berlin(2026, 12, 24, 9)

    assert CHRISTMAS.after(thursday, WorkingDays(1)) == berlin(2026, 12, 28, 9)


def test_plain_days_count_through_the_weekend():
    friday = berlin(2026, 3, 6, 10)

    assert WEEK.after(friday, timedelta(days=1)) == friday + timedelta(days=1)


def test_one_working_day_before_monday_is_friday():
    assert WEEK.before(berlin(2026, 3, 9, 10), WorkingDays(1)) == berlin(2026, 3, 6, 10)


@pytest.mark.parametrize(
    ("friday", "hours"),
    [
        (berlin(2026, 3, 27, 10), 71),  # the clock goes forward on Sunday
        (berlin(2026, 10, 23, 10), 73),  # and back
    ],
)
def test_the_time_of_day_is_kept_when_the_clock_changes(friday, hours):
    monday = WEEK.after(friday, WorkingDays(1))

    assert monday.astimezone(BERLIN).hour == 10
    assert monday - friday.astimezone(UTC) == timedelta(hours=hours)


def test_a_time_that_the_clock_jumps_over_becomes_one_that_exists():
    every_day = WorkingCalendar(BERLIN, frozenset(range(7)))

    due_at = every_day.after(berlin(2026, 3, 28, 2, 30), WorkingDays(1))

    assert due_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert due_at.astimezone(BERLIN).hour == 3


def test_a_time_that_comes_twice_is_the_first_of_the_two():
    every_day = WorkingCalendar(BERLIN, frozenset(range(7)))

    due_at = every_day.after(berlin(2026, 10, 24, 2, 30), WorkingDays(1))

    assert due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_is_one_of_the_calendars_zone():
    late = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)  # Saturday already in Berlin

    assert WEEK.after(late, WorkingDays(1)) == berlin(2026, 3, 10, 0)


def test_the_house_says_its_week_and_its_holidays(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    settings.WORKING_WEEK, settings.WORKING_HOLIDAYS = "sun, mon,tue,wed,thu", "DE-BE"

    calendar = house_calendar()

    assert calendar.is_working(date(2026, 3, 1))  # a Sunday
    assert not calendar.is_working(date(2026, 3, 6))  # a Friday
    assert not calendar.is_working(date(2027, 3, 8))  # Women's Day, in Berlin
    assert calendar.is_working(date(2027, 3, 9))


def test_a_house_that_says_nothing_works_from_monday_to_friday_without_holidays():
    calendar = house_calendar()

    assert calendar.is_working(date(2026, 12, 25))
    assert not calendar.is_working(date(2026, 12, 26))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("WORKING_WEEK", "monday"),
        ("WORKING_WEEK", ","),
        ("WORKING_HOLIDAYS", "Atlantis"),
        ("WORKING_HOLIDAYS", "DE-ATLANTIS"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(settings, setting, said):
    setattr(settings, setting, said)

    with pytest.raises(ImproperlyConfigured, match=setting):
        house_calendar()
