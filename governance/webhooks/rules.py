"""What follows from an answer: delivered, tried again and when, or over. Pure functions, times in seconds."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Three quick ones for a hiccup, then patience for an outage: two days in all.
WAITS = (10, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
MOST_ATTEMPTS = len(WAITS) + 1
LONGEST_AGE = timedelta(days=3)
LONGEST_WAIT = 24 * 3600
# A receiver that cannot be reached or is overloaded is left alone as a whole, at most this long at a time.
LONGEST_REST = 3600
OVERLOADED = {429, 503}
TRY_AGAIN = {408, 425, 429}


def is_delivered(status: int) -> bool:
    return 200 <= status < 300


def is_worth_another_try(status: int) -> bool:
    """Whether the same request may well be taken later."""
    return status in TRY_AGAIN or status >= 500


def wait_after(attempts: int, *, retry_after: float | None = None) -> float | None:
    """How long to wait after so many tries; None when enough is enough.

    A receiver that says when it wants to be asked is asked no sooner, but a day later at most.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(max(WAITS[attempts - 1], retry_after or 0), LONGEST_WAIT)


def rest_after(failures: int, status: int | None, *, retry_after: float | None = None) -> float:
    """How long a receiver is left alone after so many failures in a row; 0 when it is up and merely refuses."""
    if status is not None and status not in OVERLOADED:
        return 0
    wait = WAITS[min(failures, len(WAITS)) - 1]
    return min(max(wait, retry_after or 0), LONGEST_REST)


def seconds_from(retry_after: str, now: datetime) -> float | None:
    """Reads a Retry-After header, a number of seconds or a date; None when it says nothing usable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return max(0.0, seconds) if math.isfinite(seconds) else None
