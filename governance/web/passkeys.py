"""Hands the browser what a passkey is asked; the script signing.js puts the answer into the form."""

from django.http import HttpRequest, JsonResponse

from governance.accounts import passkeys
from governance.accounts.authentication import Signed
from governance.errors import NotAllowed


def challenge(request: HttpRequest, signed: Signed) -> JsonResponse:
    """The options of the browser's call, or the sentence why there are none."""
    host = request.get_host().partition(":")[0]
    try:
        options = passkeys.begin(request.user, purpose=signed.purpose, host=host)
    except NotAllowed as refusal:
        return JsonResponse({"sentence": refusal.sentence}, status=403)
    return JsonResponse(options)
