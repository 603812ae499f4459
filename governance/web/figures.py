"""Numbers as people read them: digits, intervals, shares, relative times; computes no metric."""

from datetime import date, datetime, timedelta
from math import floor, isfinite, log10

from django.utils import timezone

MINUS = "−"
MOST_DECIMALS = 6


def decimals_for(value: float) -> int:
    """Decimals that show about three digits: 0.797, 12.3, 4,180, 0.00042."""
    size = abs(value)
    if not isfinite(size) or size >= 1000:
        return 0
    if size >= 100:
        return 1
    if size >= 10:
        return 2
    if size >= 0.01 or size == 0:
        return 3
    return min(MOST_DECIMALS, 1 - floor(log10(size)))


def number(value: float | int | None, decimals: int | None = None) -> str:
    """Returns the number with separators of thousands and a true minus sign."""
    if value is None:
        return "none"
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    if not isfinite(value):
        return "not a number"
    shown = f"{value:,.{decimals_for(value) if decimals is None else decimals}f}"
    return shown.replace("-", MINUS)


def measured(value: float | None) -> str:
    """Returns a figure without digits it does not have: 0, 60, 74.6, 0.0464, 1.2e−7."""
    if value is None or not isfinite(value):
        return number(value)
    if value == int(value):
        return number(int(value))
    if abs(value) < 10**-MOST_DECIMALS * 100:
        digits, _, power = f"{value:.1e}".partition("e")
        return f"{digits}e{int(power)}".replace("-", MINUS)
    return number(value)


def signed(value: float | int | None, decimals: int | None = None) -> str:
    """Returns a difference with its sign, plus included."""
    shown = number(value, decimals)
    return f"+{shown}" if value is not None and value > 0 else shown


def percent(value: float | None, decimals: int = 1) -> str:
    """Returns a share of one as a percentage."""
    return "none" if value is None else f"{number(100 * float(value), decimals)} %"


def interval(low: float | None, high: float | None, decimals: int | None = None) -> str:
    """Returns “[0.745, 0.849]” or “no interval”."""
    if low is None or high is None:
        return "no interval"
    if decimals is None:
        decimals = max(decimals_for(low), decimals_for(high))
    return f"[{number(float(low), decimals)}, {number(float(high), decimals)}]"


UNITS = [
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
]


def relative(moment: datetime | date, now: datetime | None = None) -> str:
    """Returns “3 hours ago”, “in 2 days”, “now”; whole days for a date."""
    now = now or timezone.now()
    if not isinstance(moment, datetime):
        return _relative_day((moment - timezone.localdate(now)).days)
    gap = moment - now
    for unit, name in UNITS:
        count = abs(gap) // unit
        if count:
            words = f"{count} {name}{'' if count == 1 else 's'}"
            return f"in {words}" if gap > timedelta(0) else f"{words} ago"
    return "now"


def duration(length: timedelta | None) -> str:
    """Returns “3 hours”, “2 days”; “under a minute” for what is shorter."""
    for unit, name in UNITS:
        count = length // unit if length is not None else 0
        if count:
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "none" if length is None else "under a minute"


def _relative_day(days: int) -> str:
    if days in (-1, 0, 1):
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"
