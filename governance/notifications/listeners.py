"""What everybody is told of their own account, whoever changed it: second factors that come and go."""

from typing import TYPE_CHECKING

from django.db.models import Model
from django.urls import reverse

from governance.audit import signals
from governance.audit.events import Event
from governance.notifications import services

if TYPE_CHECKING:
    from governance.accounts.models import User
    from governance.audit.models import Entry

WORDS = {Event.FACTOR_ADDED: "added", Event.FACTOR_REMOVED: "removed"}


def tell_owner(entry: "Entry", subject: Model, actor: "User | None", **_: object) -> None:
    """In the transaction of the change: who did not do it themself has to learn of it."""
    word = None if entry.refused else WORDS.get(entry.event)
    if word is None:
        return
    who = "you" if actor == subject else actor.display_name if actor else "an operator"
    factor = entry.data.get("factor") or "every second factor"
    services.tell(
        [subject],
        "account_changed",
        subject=subject,
        title=f"Second factor {word}: {factor}",
        line=f"{factor[:1].upper()}{factor[1:]} was {word} by {who}.",
        url=reverse("mfa_index"),
    )


def connect() -> None:
    signals.recorded.connect(tell_owner, dispatch_uid="notifications.tell_owner")
