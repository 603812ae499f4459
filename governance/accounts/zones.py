"""The time zones people may live in, by their IANA names."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

# Names kept for old machines, and offsets that know no summer time.
NOT_PLACES = ("Etc/", "SystemV/", "posix/", "right/")


@cache
def names() -> list[str]:
    """Every zone that is offered: regions with cities, and UTC."""
    places = (
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(NOT_PLACES)
    )
    return ["UTC", *sorted(places)]


@cache
def is_known(name: str) -> bool:
    return name == "UTC" or name in names()


def zone_named(name: str) -> ZoneInfo:
    """The zone of a name; the server's own where nobody chose, or where the name has gone."""
    return ZoneInfo(name if is_known(name) else settings.TIME_ZONE)
