"""Counting working days: pure functions of a calendar; the house's own is read from the settings.

A day is one of the calendar's time zone. The time of day is kept across summer time; one that a day
does not have, because the clock jumps over it, is the moment as long after midnight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# So many days off in a row are a mistake in the settings, not a holiday.
LONGEST_BREAK = 60


@dataclass(frozen=True, order=True)
class WorkingDays:
    """So many working days, as a policy says them."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} working day{'s' if self.count != 1 else ''}"


Span = timedelta | WorkingDays


@dataclass(frozen=True)
class WorkingCalendar:
    """On which days people work, and in which time zone their days begin."""

    zone: ZoneInfo
    weekdays: frozenset[int] = frozenset(range(5))  # Monday is 0
    days_off: Mapping[date, str] = field(default_factory=dict, hash=False, compare=False)

    def is_working(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.days_off

    def after(self, moment: datetime, span: Span) -> datetime:
        """The moment by which the whole span has passed.

        On a day off working days begin to count with the next working day: one asked for on a
        Saturday for the next working day has all of Monday.
        """
        if isinstance(span, timedelta):
            return moment + span
        local = moment.astimezone(self.zone)
        day, at = local.date(), local.time()
        if not self.is_working(day):
            day, at = self._step(day, 1), time.min
        for _one in range(span.count):
            day = self._step(day, 1)
        return self._moment(day, at)

    def before(self, moment: datetime, span: Span) -> datetime:
        """The moment so long before: one working day before Monday is Friday, at the same time."""
        if isinstance(span, timedelta):
            return moment - span
        local = moment.astimezone(self.zone)
        day = local.date()
        for _one in range(span.count):
            day = self._step(day, -1)
        return self._moment(day, local.time())

    def _step(self, day: date, by: int) -> date:
        for _one in range(LONGEST_BREAK):
            day += timedelta(days=by)
            if self.is_working(day):
                return day
        raise ImproperlyConfigured(f"There is no working day within {LONGEST_BREAK} days.")

    def _moment(self, day: date, at: time) -> datetime:
        # through UTC, so that a time that the clock jumps over becomes one that exists
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def house_calendar() -> WorkingCalendar:
    """The calendar of the settings WORKING_WEEK, WORKING_HOLIDAYS and TIME_ZONE."""
    return _calendar(settings.TIME_ZONE, settings.WORKING_WEEK, settings.WORKING_HOLIDAYS)


@cache
def _calendar(zone: str, week: str, place: str) -> WorkingCalendar:
    return WorkingCalendar(ZoneInfo(zone), _weekdays(week), _holidays(place))


def _weekdays(week: str) -> frozenset[int]:
    named = [one.strip().lower() for one in week.split(",") if one.strip()]
    unknown = [one for one in named if one not in WEEK]
    if unknown or not named:
        raise ImproperlyConfigured(
            f"WORKING_WEEK names days out of {', '.join(WEEK)}, separated by commas; not “{week}”."
        )
    return frozenset(WEEK.index(one) for one in named)


def _holidays(place: str) -> Mapping[date, str]:
    """The public holidays of a country (DE) or a part of it (DE-BE); none without a place."""
    if not place:
        return {}
    country, _dash, part = place.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise ImproperlyConfigured(
            f"WORKING_HOLIDAYS names a country as in DE, or a part of one as in DE-BE; “{place}” "
            "is not known."
        ) from None
