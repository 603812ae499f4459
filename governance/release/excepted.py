"""What rests on exceptions: until when it may hold, and in which words it ends; ends nothing itself."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from governance.exceptions.models import RuleException
from governance.exceptions.rules import long_date
from governance.exceptions.transitions import State

ENDED = "exception expired"


def until(latest: datetime, exceptions: Sequence[RuleException]) -> datetime:
    """The earlier of the given moment and the end of the first exception to end."""
    return min([latest, *(one.ends_at for one in exceptions)])


def held(exceptions: Sequence[RuleException]) -> list[str]:
    """What everybody is told beside a yes that rests on exceptions."""
    return [
        f"Blessed with exception for “{one.rule_name}” until {long_date(one.until)}."
        for one in exceptions
    ]


def endings(exceptions: Sequence[RuleException]) -> list[str]:
    """Which of them hold no longer, each in a sentence; empty while all do."""
    today = timezone.localdate()
    return [ending(one) for one in exceptions if not (one.is_granted and one.until >= today)]


def ending(exception: RuleException) -> str:
    """Says “exception expired: “four fifths” ended on 3 March 2027.”"""
    if exception.state == State.REVOKED:
        return (
            f"exception revoked: “{exception.rule_name}” was revoked by "
            f"{exception.ended_by_name}: {exception.closing_reason}"
        )
    last = long_date(exception.until)
    return f"{ENDED}: the one for “{exception.rule_name}” lasted until {last}."
