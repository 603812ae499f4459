"""Parts of addresses, and what happens to an address nobody knows; not which addresses there are."""

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.urls.converters import StringConverter
from django.views.decorators.csrf import csrf_exempt

from governance.api.errors import not_found


class NameConverter(StringConverter):
    """A name with dots, blanks or any script; NUL cannot be in the database, so it is in no name."""

    regex = r"[^/\x00]+"


class KeyConverter(StringConverter):
    """A tag's key, which may have slashes."""

    regex = r"[^\x00]+?"


@csrf_exempt  # the views found here check a browser's token themselves
def unknown(request: HttpRequest, **_: object) -> HttpResponseBase:
    """Answers an address written without its last slash, or says that there is none."""
    try:
        match = resolve(f"{request.path_info}/")
    except Resolver404:
        return not_found(request)
    if match.func is unknown or request.path_info.endswith("/"):
        return not_found(request)
    request.resolver_match = match
    return match.func(request, *match.args, **match.kwargs)
