"""The one place where errors become pages or words at a form."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.errors import DOMAIN_ERRORS, kind_of

STATUS = {"NotFound": 404, "NotAllowed": 403, "Conflict": 409, "Invalid": 422}


@contextmanager
def told(form: BaseForm) -> Iterator[None]:
    """Puts a refusal of the service at the form's field, or above the form."""
    try:
        yield
    except DOMAIN_ERRORS as error:
        field = error.field if error.field in form.fields else None
        for sentence in [error.sentence, *error.reasons]:
            if sentence not in form.errors.get(field or "__all__", []):
                form.add_error(field, sentence)


class DomainErrors:
    """Shows a refusal that no form caught as a page with its sentence, reasons and link."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DOMAIN_ERRORS):
            return None
        status = STATUS[kind_of(error)]
        return render(
            request, "errors/refused.html", {"error": error, "status": status}, status=status
        )
