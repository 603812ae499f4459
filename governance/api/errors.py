"""The one place where errors become RFC 9457 problem documents."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings

from governance.errors import DOMAIN_ERRORS, kind_of
from registry.errors import Stale

STATUS = {"NotFound": 404, "NotAllowed": 403, "Conflict": 409, "Invalid": 422}
CODES = {"too_large": 413}
PROBLEM = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Only JSON is spoken here",
    409: "Not possible in this state",
    412: "Changed since you read it",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not usable as given",
    429: "Too many requests",
    500: "The server made a mistake",
}


def problem(error: Exception, context: dict) -> Response | None:
    """Turns a domain or framework error into a problem document; others stay a 500."""
    if isinstance(error, Stale):
        return _stale(error)
    if isinstance(error, DOMAIN_ERRORS):
        return _response(
            CODES.get(error.code) or STATUS[kind_of(error)],
            error.code,
            error.sentence,
            reasons=list(error.reasons),
            field=error.field,
            link=error.link,
        )
    if isinstance(error, Http404):
        return _response(404, "not_found", "There is nothing here, or not for you.")
    if isinstance(error, RequestDataTooBig):
        return _response(413, "too_large", "The body is longer than what is read here.")
    if isinstance(error, SuspiciousOperation):
        return _response(400, "invalid", "The request has more parts than are read here.")
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        return _response(
            400,
            "invalid",
            "Some fields cannot be used as given.",
            reasons=list(_sentences(error.detail)),
            errors=error.detail,
        )
    if isinstance(error, exceptions.APIException):
        return _api_exception(error)
    return None


def not_found(request: object, *_: object, **__: object) -> JsonResponse:
    """Answers unknown paths under the API prefix."""
    body = _body(404, "not_found", "This address is not part of the API; see /api/docs/.")
    return JsonResponse(body, status=404, content_type=PROBLEM)


def broken(request: object) -> JsonResponse:
    """Answers a mistake of ours; what it was stands in the log, never in the answer."""
    body = _body(500, "broken", "The server made a mistake; its log has the details.")
    return JsonResponse(body, status=500, content_type=PROBLEM)


def _stale(error: Stale) -> Response:
    """Says what it reads like now, so that a caller who does not mind may go on with it."""
    current = f'"{error.revision}"'
    response = _response(412, error.code, error.sentence, link=error.link, etag=current)
    response["ETag"] = current
    return response


def _api_exception(error: exceptions.APIException) -> Response:
    detail = error.detail if isinstance(error.detail, str) else "The request was refused."
    response = _response(error.status_code, error.get_codes(), str(detail))
    if getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        response["Retry-After"] = str(int(error.wait) + 1)
    return response


def _sentences(detail: object, where: str = "") -> Iterator[str]:
    """One sentence for each wrong value, with the field it is in."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            name = "" if key == api_settings.NON_FIELD_ERRORS_KEY else str(key)
            yield from _sentences(inner, ".".join(filter(None, [where, name])))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _sentences(inner, where)
    else:
        yield f"{where}: {detail}" if where else str(detail)


def _kind(error: Exception) -> str:
    return next(cls.__name__ for cls in type(error).__mro__ if cls.__name__ in STATUS)


def _body(code: int, name: object, detail: str, **more: object) -> dict:
    return {
        "type": "about:blank",
        "title": TITLES.get(code, "Refused"),
        "status": code,
        "code": name if isinstance(name, str) else "invalid",
        "detail": detail,
        "reasons": more.pop("reasons", []),
    } | {key: value for key, value in more.items() if value}


def _response(code: int, name: object, detail: str, **more: object) -> Response:
    assert status.is_client_error(code) or status.is_server_error(code)
    return Response(_body(code, name, detail, **more), status=code, content_type=PROBLEM)
