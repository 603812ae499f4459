"""Who calls the API: a token as Bearer or as Basic password, or a signed-in browser.

A token may do what its scopes say and never more than its owner; rules live in the services.
"""

import base64
import binascii
from typing import TYPE_CHECKING

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission

from governance.accounts.models import User
from governance.accounts.queries import Bearer, token_bearer

if TYPE_CHECKING:  # these classes are named in the settings that rest_framework.views reads
    from rest_framework.views import APIView


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, Bearer]:
        """Asks the database once, for the token, its owner and what the owner may."""
        bearer = token_bearer(token.decode("latin-1"))
        if bearer is None:
            raise AuthenticationFailed("Invalid token.")
        return bearer.user, bearer


class BasicTokenAuthentication(BaseAuthentication):
    """`Authorization: Basic <anything>:<token>`, as MLflow clients and git-like tools send it."""

    def authenticate(self, request: HttpRequest) -> tuple[User, Bearer] | None:
        scheme, _, payload = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"basic":
            return None
        try:
            _name, _, token = base64.b64decode(payload, validate=True).partition(b":")
        except binascii.Error:
            raise AuthenticationFailed(
                "The Basic header is not base64 of name:token."
            ) from None
        return TokenAuthentication().authenticate_credentials(token)

    def authenticate_header(self, request: HttpRequest) -> str:
        return 'Basic realm="Imprimatur API token"'


class HasScope(BasePermission):
    """Demands a signed-in caller and, of a token, the scope the view names in `scope`.

    Reading needs `read`; a view whose unsafe methods name no scope refuses every token.
    """

    def has_permission(self, request: HttpRequest, view: "APIView") -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        if not isinstance(request.auth, Bearer):
            return True
        needed = "read" if request.method in SAFE_METHODS else getattr(view, "scope", None)
        self.message = (
            f"This token lacks the scope {needed}; it has {', '.join(request.auth.scopes)}. "
            "Make one with `manage.py token USER --scopes …` or on the page Me."
        )
        self.code = "scope_missing"
        return needed in request.auth.scopes


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"
    priority = 1

    def get_security_definition(self, auto_schema: object) -> dict:
        return {"type": "http", "scheme": "bearer"}


class BasicScheme(OpenApiAuthenticationExtension):
    target_class = BasicTokenAuthentication
    name = "token_as_password"

    def get_security_definition(self, auto_schema: object) -> dict:
        return {"type": "http", "scheme": "basic"}
