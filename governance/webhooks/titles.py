"""The words for every event a webhook may wait for, whatever its format."""

from governance.webhooks.events import Event
from governance.webhooks.standard.events import Governed

TITLES: dict[str, str] = {one.value: one.label for kind in (Event, Governed) for one in kind}


def choices() -> list[tuple[str, str]]:
    """For the log: named by function, so that a new event needs no migration."""
    return list(TITLES.items())
