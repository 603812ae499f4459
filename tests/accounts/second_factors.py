"""Second factors for tests: a real authenticator app and a real passkey, both in software."""

import hashlib
import hmac
import json
import os
import struct
import time
from base64 import b32decode, b32encode

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PERIOD = 30
Flag = AuthenticatorData.FLAG


class App:
    """The app on somebody's phone: knows the secret and the time, as RFC 6238 says."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    @classmethod
    def of(cls, user) -> "App":
        """Sets one up for the person, past the pages."""
        secret = b32encode(os.urandom(20)).decode()
        TOTP.activate(user, secret)
        return cls(secret)

    def code(self, periods: int = 0) -> str:
        """The code of now, or of some half minutes later or earlier."""
        counter = struct.pack(">Q", int(time.time()) // PERIOD + periods)
        digest = hmac.digest(b32decode(self.secret), counter, hashlib.sha1)
        start = digest[-1] & 15
        number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"

    def wrong_code(self) -> str:
        """A code that is none of those near now."""
        near = {self.code(n) for n in range(-3, 4)}
        return next(code for n in range(10) if (code := f"{n:06}") not in near)


class Passkey:
    """A passkey for one host, with its own key; answers what a browser would send."""

    def __init__(self, host: str = "testserver") -> None:
        self.host, self.id = host, os.urandom(16)
        self.key = ec.generate_private_key(ec.SECP256R1())

    @classmethod
    def of(cls, user, host: str = "testserver") -> "Passkey":
        """Adds one to the person, past the pages."""
        passkey = cls(host)
        credential = passkey.registration()
        Authenticator.objects.create(
            user=user, type="webauthn", data={"name": "Phone", "credential": credential}
        )
        return passkey

    def registration(self) -> dict:
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(bytes(16), self.id, public)
        data = self._data(Flag.UP | Flag.UV | Flag.AT, attested)
        client = self._client("webauthn.create", "unknown")
        return {
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "response": {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
            "clientExtensionResults": {},
        }

    def answer(self, asked: dict, *, flags: int = Flag.UP | Flag.UV) -> str:
        """What the browser hands in for the options it was given."""
        client = self._client("webauthn.get", asked["publicKey"]["challenge"])
        data = self._data(flags)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return json.dumps(
            {
                "type": "public-key",
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "response": {
                    "clientDataJSON": websafe_encode(client),
                    "authenticatorData": websafe_encode(data),
                    "signature": websafe_encode(signature),
                },
                "clientExtensionResults": {},
            }
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        origin = f"https://{self.host}"
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def _data(self, flags: int, attested: bytes = b"") -> AuthenticatorData:
        host = hashlib.sha256(self.host.encode()).digest()
        return AuthenticatorData.create(host, flags, 0, attested)
