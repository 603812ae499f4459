"""Hours of a person's own day: when the digest is due and when mail keeps quiet. Pure functions.

Wall clocks are read in the person's zone, so that 8 o'clock stays 8 o'clock when summer time begins.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_digest(after: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The first time after a moment at which it is that hour where the person lives."""
    day = after.astimezone(zone).date()
    for later in range(3):
        moment = _moment(day + timedelta(days=later), time(hour), zone)
        if moment > after:
            return moment
    raise AssertionError("Every third day has its hours.")


def quiet_until(
    now: datetime, begins: time | None, ends: time | None, zone: ZoneInfo
) -> datetime | None:
    """When the quiet hours that reign now are over; None when none do."""
    if begins is None or ends is None or begins == ends:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        start = _moment(day, begins, zone)
        end = _moment(day if begins < ends else day + timedelta(days=1), ends, zone)
        if start <= now < end:
            return end
    return None


def is_quiet_at(moment: time, begins: time | None, ends: time | None) -> bool:
    """Whether the quiet hours hold a time of day."""
    if begins is None or ends is None:
        return False
    if begins < ends:
        return begins <= moment < ends
    return moment >= begins or moment < ends


def _moment(day: object, wall: time, zone: ZoneInfo) -> datetime:
    """The moment of a wall clock; one that summer time leaves out is taken as an hour later."""
    return datetime.combine(day, wall, zone).astimezone(UTC)
