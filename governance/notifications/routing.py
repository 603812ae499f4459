"""When and whether a mail leaves, as its reader wants it. Reads rows, changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from governance.notifications.hours import next_digest, quiet_until
from governance.notifications.kinds import Delivery
from governance.notifications.models import Notification, Preferences

CLOSED = "The account is closed."
NO_ADDRESS = "The account has no address."
CHOSEN = "The reader wants no mail of this kind."


@dataclass(frozen=True)
class Hold:
    """It waits until then, for the digest or for the end of quiet hours."""

    until: datetime
    for_digest: bool = False


@dataclass(frozen=True)
class Drop:
    """It is not mailed, and this is why; the page shows it all the same."""

    reason: str


def route(row: Notification, now: datetime) -> Hold | Drop | None:
    """What keeps the mail from leaving alone now; None when nothing does."""
    if not row.user.is_active:
        return Drop(CLOSED)
    if not row.user.email:
        return Drop(NO_ADDRESS)
    preferences = preferences_of(row)
    delivery, zone = preferences.delivery_of(row.group), row.user.zone
    if delivery == Delivery.NEVER:
        return Drop(CHOSEN)
    quiet = quiet_until(now, preferences.quiet_from, preferences.quiet_until, zone)
    if delivery == Delivery.DIGEST:
        due = next_digest(row.created_at, preferences.digest_hour, zone)
        return Hold(max(due, quiet or due), for_digest=True)
    return Hold(quiet) if quiet else None


def preferences_of(row: Notification) -> Preferences:
    return getattr(row.user, "mail_preferences", None) or Preferences(user=row.user)
