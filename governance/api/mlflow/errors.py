"""MLflow's error documents: `{error_code, message}`, in codes and statuses its client understands.

The client retries 408, 429 and every 5xx for minutes and then hides the message, so a mistake of the
caller is never one of them.
"""

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from governance.errors import DOMAIN_ERRORS, kind_of

STATUS = {
    "BAD_REQUEST": 400,
    "INVALID_PARAMETER_VALUE": 400,
    "RESOURCE_ALREADY_EXISTS": 400,  # and not 409: register_model goes on only then
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "ENDPOINT_NOT_FOUND": 404,
    "RESOURCE_DOES_NOT_EXIST": 404,
    "RESOURCE_CONFLICT": 409,
    "INTERNAL_ERROR": 500,
    "TEMPORARILY_UNAVAILABLE": 503,
}
CODES = {
    "NotFound": "RESOURCE_DOES_NOT_EXIST",
    "NotAllowed": "PERMISSION_DENIED",
    "Conflict": "RESOURCE_CONFLICT",
    "Invalid": "INVALID_PARAMETER_VALUE",
}
STRAYED = (
    "There is no {method} {path} here. This server is a model registry and keeps no runs, "
    "experiments or artifacts. Let MLFLOW_TRACKING_URI point to your tracking server, and only "
    "MLFLOW_REGISTRY_URI to this one."
)


class Fault(Exception):
    """A refusal in MLflow's words; `code` is one of STATUS."""

    def __init__(
        self, code: str, message: str, *, status: int = 0, headers: Mapping | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.status = status or STATUS[code]
        self.headers = dict(headers or {})


def invalid(message: str) -> Fault:
    return Fault("INVALID_PARAMETER_VALUE", message)


def missing(what: str) -> Fault:
    return Fault("RESOURCE_DOES_NOT_EXIST", what)


def fault_of(error: Exception) -> Fault:
    """What the packages below refuse, in MLflow's code, with the sentence they wrote."""
    if isinstance(error, Fault):
        return error
    assert isinstance(error, DOMAIN_ERRORS)
    if error.code == "too_large":
        return Fault("BAD_REQUEST", error.sentence)
    message = error.sentence
    if error.field and error.field not in message:
        message = f"{message} (field: {error.field})"
    return Fault(CODES[kind_of(error)], message)


def answer(fault: Fault) -> HttpResponse:
    body = json.dumps({"error_code": fault.code, "message": fault.message})
    return HttpResponse(
        body, status=fault.status, content_type="application/json", headers=fault.headers
    )


def strayed(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """Answers an address of MLflow's that is not the registry's."""
    message = STRAYED.format(method=request.method, path=request.path[:200])
    return answer(Fault("ENDPOINT_NOT_FOUND", message))


def broken(request: HttpRequest) -> HttpResponse:
    """Answers a mistake of ours; what it was stands in the log, never in the answer."""
    return answer(
        Fault("INTERNAL_ERROR", "The server made a mistake; its log has the details.")
    )
