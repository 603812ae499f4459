"""Opaque page tokens: where the last page ended, bound to the search it belongs to."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from governance.api.mlflow.errors import Fault, invalid

Key = list[str | int]
# In microseconds this is far beyond any date, and within what PostgreSQL can reckon with.
LARGEST_NUMBER = 2**60


def token_after(last: Key, *, search: Sequence[object]) -> str:
    """A token that continues behind the row whose sort key is `last`."""
    written = json.dumps({"search": _fingerprint(search), "after": last})
    return base64.urlsafe_b64encode(written.encode()).decode()


def read_token(token: str, *, search: Sequence[object], columns: Sequence[type]) -> Key | None:
    """The sort key to continue behind; refuses junk and a token of another search."""
    if not token:
        return None
    try:
        found = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        after, fingerprint = found["after"], found["search"]
    except (binascii.Error, ValueError, RecursionError, TypeError, KeyError):
        raise _junk() from None
    if fingerprint != _fingerprint(search):
        raise invalid("Invalid page token: it belongs to another filter or order.")
    if not isinstance(after, list) or len(after) != len(columns):
        raise _junk()
    if not all(map(_fits, after, columns)):
        raise _junk()
    return after


def _fits(value: object, column: type) -> bool:
    if type(value) is not column:
        return False
    if isinstance(value, int):
        return 0 <= value <= LARGEST_NUMBER
    return "\x00" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _fingerprint(search: Sequence[object]) -> str:
    return hashlib.sha256(repr(list(search)).encode()).hexdigest()[:16]


def _junk() -> Fault:
    return invalid("Invalid page token. Take next_page_token from the answer before.")
