"""The states of a request and every move between them, as data; services.py performs the moves."""

from django.db import models

from governance.audit.events import Event
from governance.errors import Conflict


class State(models.TextChoices):
    OPEN = "open", "Open"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Act(models.TextChoices):
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


MOVES = {
    (State.OPEN, Act.APPROVE): State.APPROVED,
    (State.OPEN, Act.REJECT): State.REJECTED,
    (State.OPEN, Act.WITHDRAW): State.WITHDRAWN,
    (State.OPEN, Act.EXPIRE): State.EXPIRED,
}
EVENTS = {
    Act.APPROVE: Event.REQUEST_APPROVED,
    Act.REJECT: Event.REQUEST_REJECTED,
    Act.WITHDRAW: Event.REQUEST_WITHDRAWN,
    Act.EXPIRE: Event.REQUEST_EXPIRED,
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
