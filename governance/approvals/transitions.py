"""The states of a request and every move between them, as data; services.py performs the moves."""

from django.db import models

from governance.audit.events import Event
from governance.errors import Conflict


class State(models.TextChoices):
    OPEN = "open", "Open"
    REWORK = "rework", "Waiting for changes"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Act(models.TextChoices):
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    ASK_CHANGES = "ask changes"
    HAND_IN = "hand in again"


# Those in which nothing is decided yet.
UNDECIDED = (State.OPEN, State.REWORK)
MOVES = {
    (State.OPEN, Act.APPROVE): State.APPROVED,
    (State.OPEN, Act.REJECT): State.REJECTED,
    (State.OPEN, Act.WITHDRAW): State.WITHDRAWN,
    (State.OPEN, Act.EXPIRE): State.EXPIRED,
    (State.OPEN, Act.ASK_CHANGES): State.REWORK,
    (State.OPEN, Act.HAND_IN): State.OPEN,
    (State.REWORK, Act.HAND_IN): State.OPEN,
    (State.REWORK, Act.WITHDRAW): State.WITHDRAWN,
    (State.REWORK, Act.EXPIRE): State.EXPIRED,
}
EVENTS = {
    Act.APPROVE: Event.REQUEST_APPROVED,
    Act.REJECT: Event.REQUEST_REJECTED,
    Act.WITHDRAW: Event.REQUEST_WITHDRAWN,
    Act.EXPIRE: Event.REQUEST_EXPIRED,
    Act.ASK_CHANGES: Event.CHANGES_ASKED,
    Act.HAND_IN: Event.HANDED_IN_AGAIN,
}


def after(state: str, act: Act) -> State:
    """The state the act leads to; a Conflict where the table has no such move."""
    try:
        return MOVES[State(state), act]
    except KeyError:
        raise Conflict(
            f"This request is {State(state).label.lower()}; that cannot be changed.",
            code="request_closed",
        ) from None
