"""One call to a receiver: signed as its format wants, made as `governance.outbound` allows. Writes nothing."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from governance import outbound
from governance.errors import GovernanceError, Invalid
from governance.webhooks.models import Delivery, Webhook
from governance.webhooks.standard import signing

ID_HEADER = "X-MLflow-Delivery-Id"
TIMESTAMP_HEADER = "X-MLflow-Timestamp"
SIGNATURE_HEADER = "X-MLflow-Signature"
TIMEOUT_SECONDS = 30
KEPT_OF_ANSWER = 1000
# UTF-8 takes at most four bytes a character.
READ_OF_ANSWER = 4 * KEPT_OF_ANSWER


@dataclass(frozen=True)
class Outcome:
    """What a try came to: a status and the beginning of the answer, or a sentence why there is none."""

    status: int | None = None
    body: str = ""
    error: str = ""
    retry_after: str = ""
    is_final: bool = False


def post(webhook: Webhook, delivery: Delivery) -> Outcome:
    """Tells the receiver; never raises for what the receiver or its address does."""
    try:
        answer = outbound.request(
            "POST",
            webhook.url,
            allowed_hosts=settings.WEBHOOKS_ALLOWED_HOSTS,
            headers=headers(webhook, delivery, timezone.now()),
            data=delivery.body.encode(),
            timeout=TIMEOUT_SECONDS,
            max_bytes=READ_OF_ANSWER,
        )
    except (outbound.Forbidden, Invalid) as refusal:
        return Outcome(error=refusal.sentence, is_final=True)
    except GovernanceError as trouble:  # not there now, or its secret cannot be read
        return Outcome(error=trouble.sentence)
    return Outcome(
        status=answer.status,
        body=answer.text[:KEPT_OF_ANSWER].replace("\0", ""),
        retry_after=answer.headers.get("Retry-After", ""),
    )


def headers(webhook: Webhook, delivery: Delivery, at: datetime) -> dict[str, str]:
    """The headers of one try; signed when the webhook has a secret, as governance webhooks always do."""
    told = {"Content-Type": "application/json", "User-Agent": "Imprimatur"}
    if webhook.is_standard:
        return told | signing.headers(str(delivery.pk), at, delivery.body, webhook.secrets)
    return told | _mlflow_headers(webhook, delivery, str(int(at.timestamp())))


def _mlflow_headers(webhook: Webhook, delivery: Delivery, timestamp: str) -> dict[str, str]:
    told = {ID_HEADER: str(delivery.pk), TIMESTAMP_HEADER: timestamp}
    if webhook.is_signed:
        told[SIGNATURE_HEADER] = signature(
            webhook.secret, str(delivery.pk), timestamp, delivery.body
        )
    return told


def signature(secret: str, delivery_id: str, timestamp: str, body: str) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over “<delivery id>.<timestamp>.<body>”."""
    signed = f"{delivery_id}.{timestamp}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
