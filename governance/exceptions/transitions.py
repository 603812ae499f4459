"""The states of an exception and every move between them, as data; services.py performs the moves."""

from django.db import models

from governance.audit.events import Event
from governance.errors import Conflict


class State(models.TextChoices):
    ASKED = "asked", "Asked for"
    GRANTED = "granted", "Granted"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REVOKED = "revoked", "Revoked"
    EXPIRED = "expired", "Expired"


class Act(models.TextChoices):
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    EXPIRE = "expire"


MOVES = {
    (State.ASKED, Act.GRANT): State.GRANTED,
    (State.ASKED, Act.REFUSE): State.REFUSED,
    (State.ASKED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ASKED, Act.EXPIRE): State.EXPIRED,
    (State.GRANTED, Act.REVOKE): State.REVOKED,
    (State.GRANTED, Act.EXPIRE): State.EXPIRED,
}
EVENTS = {
    Act.GRANT: Event.EXCEPTION_GRANTED,
    Act.REFUSE: Event.EXCEPTION_REFUSED,
    Act.WITHDRAW: Event.EXCEPTION_WITHDRAWN,
    Act.REVOKE: Event.EXCEPTION_REVOKED,
    Act.EXPIRE: Event.EXCEPTION_EXPIRED,
}
# While it is one of these, no second exception may be asked for the same rule of a version.
STANDING = (State.ASKED, State.GRANTED)


def after(state: str, act: Act) -> State:
    """The state the act leads to; a Conflict where the table has no such move."""
    try:
        return MOVES[State(state), act]
    except KeyError:
        raise Conflict(
            f"This exception is {State(state).label.lower()}; that cannot be changed so.",
            code="exception_closed",
        ) from None
