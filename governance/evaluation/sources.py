"""Where predictions may come from: uploads, files, https addresses and objects under configured prefixes.

Knows nothing of what is in the file, nor of the database.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import requests
from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage

from governance.errors import Invalid
from governance.evaluation import stores, warehouses

CHUNK = 1024 * 1024
MOST_REDIRECTS = 3
LONGEST_SOURCE = 2000
TIMEOUT_SECONDS = (10, 60)
ABANDONED_AFTER_SECONDS = 24 * 3600

Progress = Callable[[int, int, str], None]


def kind_of(source: object) -> str:
    """Tells an upload from a path and an address."""
    if isinstance(source, File):
        return "upload"
    if not isinstance(source, str) or not source.strip():
        raise Invalid("Send a file, or name one by its path or address.", field="source")
    if len(source) > LONGEST_SOURCE or "\0" in source:
        raise Invalid("This is neither a usable path nor an address.", field="source")
    if warehouses.is_table(source):
        return "table"
    if stores.is_object(source):
        return "object"
    return "url" if "://" in source else "path"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Gives a private folder that is removed afterwards; those left by killed workers go after a day."""
    home = Path(settings.HOME) / "scratch"
    home.mkdir(parents=True, exist_ok=True)
    for left in home.iterdir():
        with suppress(FileNotFoundError):  # another worker has just removed its own
            if left.stat().st_mtime < time.time() - ABANDONED_AFTER_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=home, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


# uploads


def spool(upload: File, folder: Path) -> tuple[Path, str]:
    """Writes an upload to the folder while counting and hashing it."""
    return _written(upload.chunks(CHUNK), folder)


def keep(spooled: Path, name: str) -> str:
    """Puts a spooled file into the default storage, moving it where the storage is a folder."""
    with spooled.open("rb") as opened:
        return default_storage.save(name, _Movable(opened, name=spooled.name))


class _Movable(File):
    """A file that FileSystemStorage may rename instead of copying."""

    def temporary_file_path(self) -> str:
        return self.file.name


# files on the server


def resolved_path(source: str) -> Path:
    """Returns the real file behind a path, symbolic links followed, if it lies in an allowed folder."""
    folders = [Path(r).resolve() for r in settings.EVALUATION_ROOTS if "://" not in r]
    if not folders:
        raise Invalid(
            "No folder of this server is open for predictions; upload the file instead.",
            field="source",
        )
    try:
        path = Path(source).resolve()
        is_file = path.is_file()
    except (OSError, ValueError, RuntimeError):
        raise Invalid("This is not a usable path.", field="source") from None
    if not any(path.is_relative_to(folder) for folder in folders):
        raise Invalid(
            "This path lies outside the folders that are open for predictions.", field="source"
        )
    if not is_file:
        raise Invalid(f"There is no file {source}.", field="source")
    check_size(path.stat().st_size)
    return path


# addresses


def check_url(url: str) -> None:
    """Refuses an address that is not under a configured https prefix."""
    prefixes = [root for root in settings.EVALUATION_ROOTS if root.startswith("https://")]
    if not prefixes:
        raise Invalid(
            "No web address is open for predictions; upload the file instead.", field="source"
        )
    try:
        parts = urlsplit(url)
        plain = parts.username is None and "\\" not in url
    except ValueError:
        plain = False
    climbs = ".." in unquote(url).split("/") if plain else True
    if climbs or not any(_is_under(url, prefix) for prefix in prefixes):
        raise Invalid(
            "This address lies outside the addresses that are open for predictions.",
            field="source",
        )


def download(url: str, folder: Path, progress: Progress) -> tuple[Path, str]:
    """Fetches an address into the folder; redirects are followed only to where it might start."""
    try:
        for _ in range(MOST_REDIRECTS + 1):
            check_url(url)
            with requests.get(
                url, stream=True, allow_redirects=False, timeout=TIMEOUT_SECONDS
            ) as answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["Location"])
                    continue
                if answer.status_code != 200:
                    raise Invalid(
                        f"The address answered with status {answer.status_code}.",
                        field="source",
                    )
                total = int(answer.headers.get("Content-Length", 0) or 0)
                check_size(total)
                chunks = _told(answer.iter_content(CHUNK), total, progress, "Downloading")
                return _written(chunks, folder)
    except requests.RequestException as error:
        raise Invalid(
            f"The address could not be read: {type(error).__name__}.", field="source"
        ) from error
    raise Invalid("The address redirects too often.", field="source")


# objects in stores


def fetch_object(address: str, folder: Path, progress: Progress) -> tuple[Path, str]:
    """Fetches an object into the folder."""
    with stores.opened(address) as (stream, size):
        check_size(size)
        return _written(_told(stores.chunks(stream), size, progress, "Fetching"), folder)


# what all have in common


FETCHED = {"url": download, "object": fetch_object}


def check_address(kind: str, address: str) -> None:
    """Refuses what lies outside the configured prefixes; fetches nothing."""
    {"url": check_url, "object": stores.check, "table": warehouses.check}[kind](address)


@contextmanager
def local_file(
    kind: str,
    source: str,
    artifact: str,
    *,
    known_digest: str = "",
    scratch: Path,
    progress: Progress,
) -> Iterator[tuple[Path, str]]:
    """Gives a plain name in the scratch folder for the file, and the digest of its bytes.

    The name is ours, so that nothing in the real one is taken for a pattern or a partition.
    """
    if kind == "table":
        raise Invalid("The rows of a warehouse's table stay there.", field="source")
    if kind == "path":
        file, digest = resolved_path(source), ""
    elif kind in FETCHED and not default_storage.exists(artifact):
        file, digest = FETCHED[kind](source, scratch, progress)
        keep_copy(file, artifact)
    else:
        file, digest = _from_storage(default_storage, artifact, scratch, progress)
    digest = digest or digest_of(file, progress)
    if known_digest and digest != known_digest:
        raise Invalid("The file is no longer the one that was measured.", field="source")
    link = scratch / "predictions"
    if file != link:
        link.unlink(missing_ok=True)
        os.symlink(file, link)
    yield link, digest


def keep_copy(file: Path, name: str) -> None:
    """Stores what an address gave, so that the evidence outlives the address."""
    with file.open("rb") as opened:
        default_storage.save(name, File(opened))


def digest_of(file: Path, progress: Progress) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        chunks = iter(lambda: opened.read(CHUNK), b"")
        for chunk in _told(chunks, file.stat().st_size, progress, "Taking the digest"):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def check_size(size: int) -> None:
    most = settings.EVALUATION_MAX_BYTES
    if size > most:
        raise Invalid(
            f"The file is larger than the {_readable(most)} this server accepts.",
            code="too_large",
            field="source",
        )


def _from_storage(
    storage: Storage, name: str, scratch: Path, progress: Progress
) -> tuple[Path, str]:
    if not storage.exists(name):
        raise Invalid("The file of predictions is no longer in the storage.", field="source")
    try:
        return Path(storage.path(name)), ""
    except NotImplementedError:
        with storage.open(name) as opened:
            chunks = _told(opened.chunks(CHUNK), storage.size(name), progress, "Fetching")
            return _written(chunks, scratch)


def _written(chunks: Iterator[bytes], folder: Path) -> tuple[Path, str]:
    digest, size = hashlib.sha256(), 0
    path = folder / "fetched"
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            check_size(size)
            digest.update(chunk)
            file.write(chunk)
    return path, f"sha256:{digest.hexdigest()}"


def _told(
    chunks: Iterator[bytes], total: int, progress: Progress, text: str
) -> Iterator[bytes]:
    done = 0
    for chunk in chunks:
        done += len(chunk)
        progress(done, max(total, done), text)
        yield chunk


def _is_under(url: str, prefix: str) -> bool:
    return url.startswith(prefix if prefix.endswith("/") else prefix + "/")


def _readable(size: int) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:g} {unit}"
        size /= 1024
    return f"{size:g} GiB"
