"""ETag, If-Match and If-None-Match: what a caller has seen, and whether it is still so.

An ETag is `"<revision>.<rest>"`. The revision stands for what the registry keeps (texts, tags,
pointers, stage) and alone decides about If-Match, which the services check under their lock. The rest
stands for what others know of the object (verdict, clearances), and so decides only about 304.
"""

import hashlib
import re

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource
from registry.revisions import LENGTH

ETAG = re.compile(r'(?:W/)?"([^"]*)"')
LONGEST_HEADER = 2000


def expected(request: Request) -> frozenset[str] | None:
    """The revisions named by If-Match; None without the header or for `*`, which any object meets."""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        return None
    return frozenset(tag.partition(".")[0] for tag in ETAG.findall(given[:LONGEST_HEADER]))


def etag(revision: str, body: object) -> str:
    rest = hashlib.sha256(JSONRenderer().render(body)).hexdigest()[:LENGTH]
    return f'"{revision}.{rest}"'


def tagged(request: Request, revision: str, body: object, code: int = 200) -> Response:
    """Answers with the body and its ETag, or with 304 if the caller holds it already."""
    current = etag(revision, body)
    headers = {"ETag": current, "Cache-Control": "private, no-cache"}
    if request.method in ("GET", "HEAD") and _is_held(request, current):
        return Response(status=304, headers=headers)
    return Response(body, code, headers=headers)


def _is_held(request: Request, current: str) -> bool:
    given = request.headers.get("If-None-Match", "").strip()[:LONGEST_HEADER]
    return given == "*" or current.strip('"') in ETAG.findall(given)


class Conditional(Resource):
    """A resource whose `conditional` actions heed If-Match and whose `revised` ones answer with an ETag."""

    conditional = ("update", "partial_update", "destroy", "rename", "transition")
    revised: tuple[str, ...] = ()

    @property
    def expected(self) -> frozenset[str] | None:
        return expected(self.request)
