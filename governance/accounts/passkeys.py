"""Signing with a passkey: a challenge for one purpose, used once and soon, and the check of the answer."""

import json
import secrets
from datetime import timedelta
from hashlib import sha256

from allauth.mfa.webauthn.internal.auth import get_credentials
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from governance.accounts.models import PasskeyChallenge, User
from governance.errors import NotAllowed

LIFE = timedelta(minutes=5)
LONGEST_ANSWER = 20_000
WRONG_PASSKEY = "wrong_passkey"


def begin(user: User, *, purpose: str, host: str) -> dict:
    """What the browser asks the passkey; it takes the place of what was asked of the person before."""
    credentials = get_credentials(user)
    if not credentials:
        raise NotAllowed("You have no passkey; add one under Me, Second factors.")
    nonce = secrets.token_bytes(32)
    challenge = _challenge(nonce, purpose)
    options, _state = _server(host).authenticate_begin(
        credentials=credentials,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    PasskeyChallenge.objects.update_or_create(
        user=user,
        defaults={"nonce": nonce, "host": host, "expires_at": timezone.now() + LIFE},
    )
    return dict(options)


def accept(user: User, answer: str, *, purpose: str) -> None:
    """Refuses an answer that is wrong, late, used, or was given for another purpose."""
    asked = PasskeyChallenge.objects.select_for_update().filter(user=user).first()
    if asked is None:
        raise _refusal("This use of your passkey is over; use it again.", "no_challenge")
    asked.delete()
    if asked.expires_at < timezone.now():
        raise _refusal("Too much time has passed; use your passkey again.", "old_challenge")
    state = {
        "challenge": websafe_encode(_challenge(bytes(asked.nonce), purpose)),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }
    try:
        _server(asked.host).authenticate_complete(state, get_credentials(user), _read(answer))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _refusal(
            "The passkey did not confirm what is signed here; use it again.", WRONG_PASSKEY
        ) from None


def _challenge(nonce: bytes, purpose: str) -> bytes:
    """Bound to what is signed: another object or another digest makes another challenge."""
    return sha256(nonce + purpose.encode()).digest()


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name="Imprimatur"))


def _read(answer: str) -> dict:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError
    return read


def _refusal(sentence: str, code: str) -> NotAllowed:
    return NotAllowed(sentence, code=code)
