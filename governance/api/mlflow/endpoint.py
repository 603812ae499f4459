"""The frame of every endpoint: token, scope, fields, and errors in MLflow's shape.

Plain views: the client asks before almost every write and every load, so a call has to be cheap.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from governance.accounts.models import Scope, User
from governance.api.mlflow.authentication import caller_of
from governance.api.mlflow.errors import Fault, answer, fault_of
from governance.api.mlflow.fields import Fields, read
from governance.errors import DOMAIN_ERRORS


@dataclass(frozen=True)
class Call:
    """Who calls, with which fields; `path` has the parts of the address."""

    user: User
    fields: Fields
    path: dict


Body = dict | str | None
Handler = Callable[[Call], Body]


def endpoint(
    scope: str = Scope.REGISTER, **handlers: Handler
) -> Callable[[HttpRequest], HttpResponse]:
    """A view of one address: a handler for each method; reading takes the scope read.

    A handler returns the answer as a dictionary, as JSON text, or None for `{}`.
    """

    @csrf_exempt  # a token is not sent by a browser on its own
    def view(request: HttpRequest, **path: object) -> HttpResponse:
        try:
            handler = _handler(request, handlers)
            needed = Scope.READ if request.method == "GET" else scope
            request.user = user = caller_of(request, needed)
            return _response(handler(Call(user, read(request), path)))
        except (Fault, *DOMAIN_ERRORS) as error:
            return answer(fault_of(error))
        except OperationalError:
            return answer(Fault("TEMPORARILY_UNAVAILABLE", "The database is away; try again."))

    view.handlers = handlers
    return view


def _handler(request: HttpRequest, handlers: dict[str, Handler]) -> Handler:
    handler = handlers.get(request.method or "")
    if handler is None:
        raise Fault(
            "ENDPOINT_NOT_FOUND",
            f"{request.method} is not known here; {' and '.join(handlers)} is.",
            status=405,
            headers={"Allow": ", ".join(handlers)},
        )
    return handler


def _response(body: Body) -> HttpResponse:
    if isinstance(body, str):
        return HttpResponse(body, content_type="application/json")
    return JsonResponse(body or {})
