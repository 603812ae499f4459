"""The section `webhooks` of the OpenAPI document: every event this server tells, with its schema."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import process_webhooks
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import (
    OpenApiResponse,
    OpenApiWebhook,
    extend_schema,
)

from governance.webhooks.standard import signing
from governance.webhooks.standard.events import Governed
from governance.webhooks.standard.payloads import ENVELOPES

SIGNED = (
    "Signed as Standard Webhooks wants it: the signature is `v1,` and the base64 of HMAC-SHA256 with "
    "the secret (`whsec_…`, base64) over `<webhook-id>.<webhook-timestamp>.<body>`. Answer with 2xx "
    "within 30 seconds; anything else is tried again for two days, with the same `webhook-id`."
)
HEADERS = {
    signing.ID_HEADER: ("string", "The same at every try: what came twice is known by it."),
    signing.TIMESTAMP_HEADER: ("integer", "Seconds since 1970 of this try."),
    signing.SIGNATURE_HEADER: (
        "string",
        "One or more signatures, separated by blanks; two while a secret is being changed.",
    ),
}


def _webhook(event: Governed) -> OpenApiWebhook:
    return OpenApiWebhook(
        name=event.value,
        decorator=extend_schema(
            summary=f"{event.label}.",
            description=SIGNED,
            tags=["webhooks"],
            request={"application/json": ENVELOPES[event]},
            responses={"2XX": OpenApiResponse(description="Heard.")},
        ),
    )


def document(result: dict, generator: SchemaGenerator, **_: Any) -> dict:
    """Adds the section to the document, with the schemas it brings.

    By a hook and not by the setting WEBHOOKS, since that comes after the schemas are collected.
    """
    told = process_webhooks([_webhook(event) for event in Governed], generator.registry)
    for methods in told.values():
        methods["post"] |= {"parameters": _headers(), "security": []}
    schemas = generator.registry.build(spectacular_settings.APPEND_COMPONENTS)
    return {**result, "webhooks": told, "components": schemas}


def _headers() -> list[dict]:
    return [
        {
            "in": "header",
            "name": name,
            "required": True,
            "schema": {"type": kind},
            "description": words,
        }
        for name, (kind, words) in HEADERS.items()
    ]
