"""Keeps secrets that the server must use again unreadable in the database and in its copies.

The key comes from SECRET_KEY, another one for each purpose; with SECRET_KEY_FALLBACKS what was
sealed before a change of the key stays readable.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from governance.errors import Conflict


def seal(secret: str, purpose: str) -> str:
    """The secret as only this server can read it; nothing stays nothing."""
    return _box(purpose).encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str, purpose: str) -> str:
    """The secret again; Conflict when the server's key has changed since."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        raise Conflict(
            "The secret cannot be read any more, since the server's key has changed; set it again.",
            code="secret_unreadable",
        ) from None


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str, purpose: str) -> bytes:
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return base64.urlsafe_b64encode(hkdf.derive(key.encode()))
