"""One way to write evidence down, so that a digest of it means the same today and in ten years."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from governance.errors import Invalid


def canonical(evidence: dict) -> bytes:
    """The one text of the evidence: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def digest(evidence: dict) -> str:
    """Names the evidence by its content, as “sha256:…”."""
    return f"sha256:{hashlib.sha256(canonical(evidence)).hexdigest()}"


def as_stored(evidence: dict) -> dict:
    """The evidence as PostgreSQL gives it back, which writes some numbers differently."""
    try:
        text = json.dumps(evidence, cls=DjangoJSONEncoder, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Invalid(
            f"The evidence cannot be kept as JSON: {error}.", field="evidence"
        ) from None
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [text])
        return json.loads(cursor.fetchone()[0])
