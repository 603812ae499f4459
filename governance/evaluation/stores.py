"""Objects in S3, Google Cloud Storage and Azure, under configured prefixes, read by pyarrow.

Who may read is settled by the worker's own surroundings (its role, its key file or AWS_…, GOOGLE_…
and AZURE_… variables), never by a request. Knows nothing of what is in an object.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings

from governance.errors import Invalid

if TYPE_CHECKING:
    from pyarrow import NativeFile

SCHEMES = ("s3", "gs", "abfss")
CHUNK = 1024 * 1024


def is_object(source: str) -> bool:
    return source.split("://", 1)[0] in SCHEMES


def check(address: str) -> None:
    """Refuses an address that is not under a configured prefix; fetches nothing."""
    prefixes = [root for root in settings.EVALUATION_ROOTS if is_object(root)]
    if not prefixes:
        raise Invalid(
            "No object store is open for predictions; upload the file instead.", field="source"
        )
    try:
        parts = urlsplit(address)
        plain = not (parts.query or parts.fragment or parts.password or "\\" in address)
    except ValueError:
        plain = False
    climbs = ".." in unquote(address).split("/") if plain else True
    if climbs or not any(address.startswith(p.rstrip("/") + "/") for p in prefixes):
        raise Invalid(
            "This address lies outside the prefixes that are open for predictions.",
            field="source",
        )


@contextmanager
def opened(address: str) -> Iterator[tuple["NativeFile", int]]:
    """Gives the object as a stream, and its size in bytes."""
    check(address)
    try:
        from pyarrow.fs import FileSystem, FileType
    except ImportError:
        raise Invalid(
            "This server was installed without what reads object stores (extra “cloud”).",
            field="source",
        ) from None
    try:
        system, path = FileSystem.from_uri(address)
        found = system.get_file_info(path)
        if found.type != FileType.File:
            raise Invalid("There is no such object.", field="source")
        with system.open_input_stream(path, buffer_size=CHUNK) as stream:
            yield stream, found.size
    except (OSError, ValueError) as error:
        raise Invalid(
            f"The object could not be read: {_cause(error)}", field="source"
        ) from error


def chunks(stream: "NativeFile") -> Iterator[bytes]:
    yield from iter(lambda: stream.read(CHUNK), b"")


def _cause(error: Exception) -> str:
    """Stores answer with pages of text; the first sentence says what is wrong."""
    return str(error).split("\n")[0][:200].rstrip(".") + "."
