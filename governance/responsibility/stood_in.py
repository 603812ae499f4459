"""Who stood in for whom in a period, so that what deputies did then is theirs to have done; reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from raci.models import Absence


@dataclass(frozen=True)
class Stay:
    """A time in which one person was away and another named for them, in one scope or in all."""

    person_id: int
    deputy_id: int
    scope: str | None
    since: datetime
    until: datetime | None

    def covers(self, scope: str, at: datetime) -> bool:
        in_time = self.since <= at and (self.until is None or at < self.until)
        return in_time and self.scope in (None, scope)


@dataclass(frozen=True)
class StoodIn:
    stays: Collection[Stay]

    def for_any(
        self, people: Collection[int], deputy_id: int, scope: str, at: datetime
    ) -> bool:
        """Whether the deputy stood in for one of these people in the scope at that moment."""
        return any(
            one.deputy_id == deputy_id and one.person_id in people and one.covers(scope, at)
            for one in self.stays
        )


def stood_in_since(since: datetime) -> StoodIn:
    """All such times that were not over at the moment; one query."""
    deputy = "person__raci_deputies__"
    overlapping = Absence.objects.filter(
        Q(until=None) | Q(until__gte=since), person__raci_deputies__isnull=False
    ).order_by()
    rows = overlapping.values_list(
        "person",
        f"{deputy}deputy",
        f"{deputy}matrix__scope",
        "since",
        "until",
        f"{deputy}since",
        f"{deputy}until",
    )
    return StoodIn([_stay(*row) for row in rows])


def _stay(
    person: int,
    deputy: int,
    scope: str | None,
    since: datetime,
    until: datetime | None,
    named_since: datetime | None,
    named_until: datetime | None,
) -> Stay:
    """Away and named overlap from the later beginning to the earlier end."""
    ends = [one for one in (until, named_until) if one]
    return Stay(
        person, deputy, scope, max(since, named_since or since), min(ends, default=None)
    )
