"""Makes sure that the one who signs is the one who signed in: by password, code or passkey, each time.

Where more is asked for, the password and a second factor have to come together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from allauth.mfa.models import Authenticator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from governance.accounts import factors, passkeys
from governance.accounts.methods import Method
from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.audit.models import Entry
from governance.errors import NotAllowed

MOST_FAILURES = 5
WINDOW = timedelta(minutes=15)
WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the code of a refusal
LOCKED_OUT = "too_many_wrong_passwords"
# What counts as a guess, wherever it was given.
GUESSES = (WRONG_PASSWORD, factors.WRONG_CODE, passkeys.WRONG_PASSKEY)

Checked = TypeVar("Checked")


@dataclass(frozen=True)
class Proof:
    """What a person gives to show that it is them; `passkey` is the browser's answer as JSON."""

    password: str = ""
    code: str = ""
    passkey: str = ""

    @property
    def method(self) -> Method:
        """A passkey goes before a code, which is then not looked at."""
        second = "passkey" if self.passkey else "code" if self.code.strip() else ""
        first = "password" if self.password else ""
        return Method(" and ".join(filter(None, (first, second))))

    @property
    def is_empty(self) -> bool:
        return not (self.password or self.passkey or self.code.strip())

    @property
    def has_two_factors(self) -> bool:
        return bool(self.password and (self.passkey or self.code.strip()))


@dataclass(frozen=True)
class Signed:
    """What is signed: the object, the digest of what it says, and whether it takes two factors."""

    subject: models.Model
    digest: str = ""
    two_factors: bool = False

    @property
    def purpose(self) -> str:
        """What a passkey is asked to sign for, and nothing else."""
        return f"{self.subject._meta.label_lower}:{self.subject.pk}:{self.digest}"


def reauthenticate(actor: User, proof: Proof, signed: Signed, *, event: Event) -> Method:
    """Refuses what is wrong or not enough, and everything for a while after five wrong tries.

    Returns what the signature was confirmed with.
    """

    def check(user: User) -> Method:
        _refuse_too_little(user, proof, two_factors=signed.two_factors)
        if proof.password:
            _refuse_wrong_password(user, proof.password)
        if proof.passkey:
            passkeys.accept(user, proof.passkey, purpose=signed.purpose)
        elif proof.code.strip():
            factors.accept_code(user, proof.code)
        return proof.method

    return _guarded(actor, check, event=event, subject=signed.subject)


def confirm_code(user: User, code: str) -> Authenticator:
    """Takes the code of an app, or a recovery code, at the sign-in; under the same lock-out."""

    def check(locked: User) -> Authenticator:
        return factors.accept_code(locked, code, recovery=True)

    return _guarded(user, check, event=Event.SIGN_IN_FAILED, subject=user)


def _guarded(
    actor: User,
    check: Callable[[User], Checked],
    *,
    event: Event,
    subject: models.Model,
) -> Checked:
    """Runs a check in a transaction of its own that keeps a failure, and what was used up.

    The lock on the person's row stops many guesses at the same moment from passing the count
    together.
    """
    with transaction.atomic(durable=True):
        user = User.objects.select_for_update().get(pk=actor.pk)
        try:
            _refuse_locked_out(user)
            return check(user)
        except NotAllowed as error:
            refusal = error
            audit.record_refusal(
                event, subject, actor=actor, reasons=[refusal.sentence], code=refusal.code
            )
    raise refusal


def _refuse_locked_out(user: User) -> None:
    failures = _recent_failures(user)
    if len(failures) >= MOST_FAILURES:
        again = failures[MOST_FAILURES - 1] + WINDOW
        raise NotAllowed(
            f"{MOST_FAILURES} wrong passwords or codes in {WINDOW.seconds // 60} minutes: "
            f"try again at {timezone.localtime(again):%H:%M %Z}.",
            code=LOCKED_OUT,
            field="password",
        )


def _refuse_too_little(user: User, proof: Proof, *, two_factors: bool) -> None:
    if two_factors and not proof.has_two_factors:
        raise _second_factor_missing(user, has_password=bool(proof.password))
    if proof.is_empty:
        sentence = "Confirm with your password, a code of your app, or a passkey."
        raise NotAllowed(sentence, code="nothing_given", field="password")


def _second_factor_missing(user: User, *, has_password: bool) -> NotAllowed:
    if not factors.of(user).any:
        return NotAllowed(
            "Signing this takes your password and a second factor, and you have none yet: set up "
            "an authenticator app or a passkey under Me, Second factors.",
            code="no_second_factor",
            link=reverse("mfa_index"),
        )
    sentence = "Signing this takes your password and a second factor, a code or a passkey."
    field = "code" if has_password else "password"
    return NotAllowed(sentence, code="second_factor_needed", field=field)


def _refuse_wrong_password(user: User, password: str) -> None:
    if not user.has_usable_password():
        sentence = "Your account has no password to sign with; ask an administrator for one."
        raise NotAllowed(sentence, code="no_password", field="password")
    if not user.check_password(password):
        raise NotAllowed("The password is wrong.", code=WRONG_PASSWORD, field="password")


def _recent_failures(user: User) -> list:
    """When the person's wrong passwords and codes were given, newest first."""
    return list(
        Entry.objects.filter(
            actor_id=user.pk,
            refused=True,
            data__code__in=GUESSES,
            at__gt=timezone.now() - WINDOW,
        )
        .order_by("-at")
        .values_list("at", flat=True)[:MOST_FAILURES]
    )
