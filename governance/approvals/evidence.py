"""The evidence of a request as PostgreSQL keeps it; how its digest is made is canonical.py."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from governance.canonical import canonical, digest
from governance.errors import Invalid

__all__ = ["as_stored", "canonical", "digest"]


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
