"""Who calls: an API token as Bearer, or as the password of Basic, as MLflow's client sends either."""

import base64
import binascii

from django.http import HttpRequest

from governance.accounts.models import User
from governance.accounts.queries import token_bearer
from governance.api.mlflow.errors import Fault

HOW = (
    "Set MLFLOW_TRACKING_TOKEN to an API token of this server, or put it into the address: "
    "MLFLOW_REGISTRY_URI=https://token:<API token>@<host>. `manage.py token USER` and the page "
    "Me make one."
)


def caller_of(request: HttpRequest, scope: str) -> User:
    """The owner of the token, if the token has the scope."""
    plain = _token(request.META.get("HTTP_AUTHORIZATION", ""))
    found = token_bearer(plain) if plain else None
    if found is None:
        said = "This token is not valid here" if plain else "This registry wants an API token"
        raise Fault("UNAUTHENTICATED", f"{said}. {HOW}", headers={"WWW-Authenticate": "Bearer"})
    if scope not in found.scopes:
        raise Fault(
            "PERMISSION_DENIED",
            f"This token lacks the scope {scope}; it has {', '.join(found.scopes)}.",
        )
    return found.user


def _token(header: str) -> str:
    scheme, _, payload = header.partition(" ")
    if scheme.lower() == "bearer":
        return payload.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(payload, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
