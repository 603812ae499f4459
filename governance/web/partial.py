"""Tells a request for a fragment from a request for a page; decides nothing else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment: not a boosted link, not the Back button."""
    request.varies_by_htmx = True
    return bool(request.htmx) and not (
        request.htmx.boosted or request.htmx.history_restore_request
    )


class VaryByFragment:
    """Adds `Vary: HX-Request` to answers that were chosen by `is_partial`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "varies_by_htmx", False):
            patch_vary_headers(response, ["HX-Request"])
        return response
