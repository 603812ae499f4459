"""Makes sure that the one who signs is the one who signed in: the password, once more, each time."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import NotAllowed

MOST_FAILURES = 5
WINDOW = timedelta(minutes=15)
WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the code of a refusal
LOCKED_OUT = "too_many_wrong_passwords"


def reauthenticate(actor: User, password: str, *, event: Event, subject: models.Model) -> None:
    """Refuses a wrong password, and any password for a while after five wrong ones, signing whatever.

    Runs in a transaction of its own that keeps the failure; the lock on the person's row stops
    many guesses at the same moment from passing the count together.
    """
    with transaction.atomic(durable=True):
        user = User.objects.select_for_update().get(pk=actor.pk)
        refusal = _refusal(user, password)
        if refusal:
            audit.record_refusal(
                event,
                subject,
                actor=actor,
                reasons=[refusal.sentence],
                code=refusal.code,
            )
    if refusal:
        raise refusal


def _refusal(user: User, password: str) -> NotAllowed | None:
    failures = _recent_failures(user)
    if len(failures) >= MOST_FAILURES:
        again = failures[MOST_FAILURES - 1] + WINDOW
        return NotAllowed(
            f"{MOST_FAILURES} wrong passwords in {WINDOW.seconds // 60} minutes: "
            f"try again at {timezone.localtime(again):%H:%M %Z}.",
            code=LOCKED_OUT,
            field="password",
        )
    if not user.has_usable_password():
        sentence = "Your account has no password to sign with; ask an administrator for one."
        return NotAllowed(sentence, code="no_password", field="password")
    if not user.check_password(password):
        return NotAllowed("The password is wrong.", code=WRONG_PASSWORD, field="password")
    return None


def _recent_failures(user: User) -> list:
    """When the person's wrong passwords were given, newest first."""
    return list(
        Entry.objects.filter(
            actor_id=user.pk,
            refused=True,
            data__code=WRONG_PASSWORD,
            at__gt=timezone.now() - WINDOW,
        )
        .order_by("-at")
        .values_list("at", flat=True)[:MOST_FAILURES]
    )
