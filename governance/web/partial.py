"""Tells a request for a fragment from a request for a page; decides nothing else."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment: not a boosted link, not the Back button."""
    request.varies_by_htmx = True
    return bool(request.htmx) and not (
        request.htmx.boosted or request.htmx.history_restore_request
    )


class VaryByFragment(MiddlewareMixin):
    """Adds `Vary: HX-Request` to answers that were chosen by `is_partial`."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if getattr(request, "varies_by_htmx", False):
            patch_vary_headers(response, ["HX-Request"])
        return response
