"""The second factors of people: which they have, and taking a code once.

The rows are allauth's; secrets in them are sealed (adapter.py).
"""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.utils.crypto import constant_time_compare

from governance.accounts.models import User
from governance.errors import NotAllowed

WRONG_CODE = "wrong_code"
LAST_STEP = "last_step"


@dataclass(frozen=True)
class Factors:
    """Which second factors somebody has; recovery codes let in and never sign."""

    app: bool = False
    passkey: bool = False

    @property
    def any(self) -> bool:
        return self.app or self.passkey


def of(user: User) -> Factors:
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return Factors(Authenticator.Type.TOTP in kinds, Authenticator.Type.WEBAUTHN in kinds)


def accept_code(user: User, code: str, *, recovery: bool = False) -> Authenticator:
    """Takes a code of the person's app, each only once; `recovery` codes too where they may let in.

    The caller holds the lock on the person's row, so the same code cannot pass twice at once.
    """
    code = "".join(code.split())
    own = {
        one.type: one
        for one in Authenticator.objects.filter(user=user).exclude(
            type=Authenticator.Type.WEBAUTHN
        )
    }
    app = own.get(Authenticator.Type.TOTP)
    if app and _accept(app, code):
        return app
    codes = own.get(Authenticator.Type.RECOVERY_CODES)
    if recovery and codes and RecoveryCodes(codes).validate_code(code):
        return codes
    if app is None and not recovery:
        sentence = "You have no authenticator app; set one up under Me, Second factors."
        raise NotAllowed(sentence, code="no_authenticator", field="code")
    raise NotAllowed("The code is wrong.", code=WRONG_CODE, field="code")


def mark_used(app: Authenticator, code: str) -> None:
    """Remembers the code an app was activated with, so that it confirms nothing else."""
    step = _step_of(app, "".join(code.split()))
    if step is not None:
        _remember(app, step)


def words_for(factor: Authenticator) -> str:
    """What a factor is called, for the trail and for people."""
    match factor.type:
        case Authenticator.Type.TOTP:
            return "authenticator app"
        case Authenticator.Type.WEBAUTHN:
            return f"passkey “{factor.data.get('name', '')}”"
    return "recovery codes"


def _accept(app: Authenticator, code: str) -> bool:
    step = _step_of(app, code)
    if step is None:
        return False
    if step <= app.data.get(LAST_STEP, -1):
        raise NotAllowed(
            "This code has been used already; wait for the next one.",
            code="used_code",
            field="code",
        )
    _remember(app, step)
    return True


def _remember(app: Authenticator, step: int) -> None:
    app.data[LAST_STEP] = step
    app.save(update_fields=["data"])


def _step_of(app: Authenticator, code: str) -> int | None:
    """The half minute a code belongs to; RFC 6238 lets clocks differ by one."""
    secret = decrypt(app.data["secret"])
    for step in yield_hotp_counters_from_time():
        if constant_time_compare(format_hotp_value(hotp_value(secret, step)), code):
            return step
    return None
