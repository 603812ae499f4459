"""Secrets and signatures as Standard Webhooks wants them (standardwebhooks.com)."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook as Signer

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
BYTES = 32
PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(
    message_id: str, at: datetime, body: str, signed_with: Sequence[str]
) -> dict[str, str]:
    """The three headers; one signature for each secret, while an old one is still honoured."""
    signatures = [Signer(secret).sign(message_id, at, body) for secret in signed_with]
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(int(at.timestamp())),
        SIGNATURE_HEADER: " ".join(signatures),
    }
