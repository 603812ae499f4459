"""Judges what another MLflow server posts: signed, fresh and new, or nothing; then only a hint to look there."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.connections.models import Connection, HookDelivery
from governance.connections.services import sync_soon
from governance.errors import NotAllowed

LONGEST_AGE = 300
LARGEST_BODY = 1024 * 1024
DELIVERY, TIMESTAMP, SIGNATURE = (
    f"X-MLflow-{name}" for name in ("Delivery-Id", "Timestamp", "Signature")
)


def receive(connection: Connection, headers: Mapping[str, str], body: bytes) -> None:
    """Queues a look at the model named; NotAllowed without detail when anything is wrong."""
    delivery = headers.get(DELIVERY, "")
    if not is_genuine(
        connection.hook_secret,
        delivery,
        headers.get(TIMESTAMP, ""),
        headers.get(SIGNATURE, ""),
        body,
        now=timezone.now().timestamp(),
    ):
        raise NotAllowed("Refused.")
    try:
        with transaction.atomic(durable=True):
            HookDelivery.objects.create(connection=connection, delivery_id=UUID(delivery))
            sync_soon(connection, named_in(body))
    except (IntegrityError, ValueError):  # seen before, or no delivery id of MLflow's
        raise NotAllowed("Refused.") from None


def is_genuine(
    secret: str, delivery: str, timestamp: str, signature: str, body: bytes, *, now: float
) -> bool:
    """Whether MLflow signed exactly this with the secret, at most five minutes ago."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15):
        return False
    signed = f"{delivery}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()
    same = hmac.compare_digest(f"v1,{expected}".encode(), signature.encode())
    return same and abs(now - int(timestamp)) <= LONGEST_AGE


def named_in(body: bytes) -> str:
    """The model the event is about; empty when it names none, and everything is compared."""
    try:
        data = json.loads(body)["data"]
        name = data["name"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return name if isinstance(name, str) and 0 < len(name) <= 256 and name.isprintable() else ""
