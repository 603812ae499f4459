"""Whom an exception tells what, and in which words; the sending is done by notifications."""

from collections.abc import Iterable

from governance.accounts.models import User
from governance.exceptions import seats
from governance.exceptions.models import RuleException
from governance.exceptions.rules import GRANTING, long_date
from governance.exceptions.transitions import State
from governance.notifications import services as notifications
from governance.notifications.addressing import Addressee, by_letter
from raci import queries as raci

CLOSINGS = {
    State.GRANTED: "was granted until {until}; the rule stays red",
    State.REFUSED: "was refused",
    State.WITHDRAWN: "was withdrawn",
    State.REVOKED: "was revoked; what was cleared on it lapses",
    State.EXPIRED: "has ended; what was cleared on it lapses",
}


def ask_signers(exception: RuleException) -> None:
    """Asks who may grant it, and tells who is Consulted, so that they can speak up in time."""
    signers = [
        Addressee(one.user, one.capacity.letter, one.capacity.words)
        for one in seats.signers(exception)
    ]
    line = (
        f"{exception.asked_by_name} asks that {exception.version.label} may go on until "
        f"{long_date(exception.until)} although the rule “{exception.rule_name}” is red."
    )
    _tell(signers, "exception_asked", exception, f"To sign: exception to {exception}", line)
    asked = {one.user.pk for one in signers} | {exception.asked_by_id}
    consulted = [one for one in _carrying(exception, "C") if one.user.pk not in asked]
    _tell(consulted, "exception_told", exception, f"Asked for: exception to {exception}", line)


def note_signature(exception: RuleException, actor: User) -> None:
    """Who has signed is asked no more; the link in their mail is used up."""
    notifications.settle(exception, user=actor)


def tell_changed(exception: RuleException, *, actor: User | None) -> None:
    """Tells who asked, who signed, and who is Consulted or Informed, how it was decided or ended."""
    notifications.settle(exception)
    words = CLOSINGS[State(exception.state)].format(until=long_date(exception.until))
    if exception.state == State.EXPIRED and not exception.granted_at:
        words = "was not decided before its last day"
    by = f" by {actor.display_name}" if actor and not exception.is_granted else ""
    what, semicolon, rest = words.partition(";")
    audience = [
        *(Addressee(one.user, one.letter, one.capacity) for one in exception.signatures.all()),
        *_carrying(exception, "C", "I"),
        Addressee(exception.asked_by),
    ]
    _tell(
        [one for one in audience if actor is None or one.user.pk != actor.pk],
        "exception_told",
        exception,
        f"{exception.get_state_display()}: exception to {exception}",
        f"The exception to {exception} in {exception.use_case_title} {what}{by}{semicolon}{rest}.",
    )


def remind(exception: RuleException) -> None:
    """Tells who asked and who granted, before the gate closes, that it will."""
    _tell(
        [exception.asked_by, *(one.user for one in exception.signatures.all())],
        "exception_told",
        exception,
        f"Ends soon: exception to {exception}",
        f"The exception to {exception} ends on {long_date(exception.until)}; what was cleared on it "
        "lapses then. Make the rule pass, or ask again afterwards.",
    )


def _tell(
    users: Iterable[User | Addressee],
    kind: str,
    exception: RuleException,
    title: str,
    line: str,
) -> None:
    notifications.tell(
        users,
        kind,
        subject=exception,
        title=title,
        line=line,
        url=exception.get_absolute_url(),
        context={
            "version": exception.version.label,
            "use_case": exception.use_case_title,
            "rule": exception.rule_text,
            "outcome": exception.sentence,
            "until": long_date(exception.until),
            "asked_for": exception.reason,
            "compensation": exception.compensation,
            "granted_by": " and ".join(exception.granted_by),
            "closing_reason": exception.closing_reason,
        },
    )


def _carrying(exception: RuleException, *letters: str) -> list[Addressee]:
    return by_letter(raci.carriers(exception.scope, [GRANTING], letters))
