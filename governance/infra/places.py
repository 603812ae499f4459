"""Where artifacts and rows come from: uploads, folders that are open, and where the registry pinned them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.module_loading import import_string

from governance.errors import Invalid
from governance.infra import artifacts
from governance.infra.artifacts import Brought
from registry.artifacts import manifest_digest
from registry.models import ModelVersion

UPLOAD, FOLDER, PINNED = "upload", "path", "pinned"

Progress = Callable[[int, int, str], None]
# Writes the files of a version into a folder and returns them as {path, size, sha256}.
Fetch = Callable[[ModelVersion, Path, Progress], list[dict[str, Any]]]


def resolved(source: str) -> Path:
    """The real file or folder behind a path, if it lies in a folder that is open for artifacts."""
    folders = [Path(root).resolve() for root in settings.INFRA_ROOTS]
    if not folders:
        raise Invalid(
            "No folder of this server is open for artifacts; upload the artifact instead.",
            field="artifact",
        )
    try:
        path = Path(source).resolve()
        exists = path.exists()
    except (OSError, ValueError, RuntimeError):
        raise Invalid("This is not a usable path.", field="artifact") from None
    if not any(path.is_relative_to(folder) for folder in folders):
        raise Invalid(
            "This path lies outside the folders that are open for artifacts.", field="artifact"
        )
    if not exists:
        raise Invalid(f"There is nothing at {source[:200]}.", field="artifact")
    return path


def fetcher() -> Fetch | None:
    """Who can fetch what is pinned; the composition names it."""
    return import_string(settings.INFRA_FETCH) if settings.INFRA_FETCH else None


def bring(
    asked: dict[str, str], version: ModelVersion, folder: Path, progress: Progress
) -> Brought:
    """Puts the files of the artifact into the folder, whichever way it was named."""
    match asked["kind"]:
        case "upload":
            return _from_storage(asked, folder)
        case "path":
            path = resolved(asked["source"])
            return artifacts.bring(path, path.name, folder)
        case _:
            return _fetched(version, folder, progress)


def forget(*asked: dict[str, str]) -> None:
    """Removes uploads that have done their work; what they were is told by their digests."""
    for one in asked:
        if stored := one.get("stored"):
            default_storage.delete(stored)


def _from_storage(asked: dict[str, str], folder: Path) -> Brought:
    if not default_storage.exists(asked["stored"]):
        raise Invalid("The uploaded artifact is no longer in the storage.", field="artifact")
    local = folder.parent / "uploaded"
    with default_storage.open(asked["stored"]) as opened, local.open("wb") as written:
        for chunk in File(opened).chunks(artifacts.CHUNK):
            written.write(chunk)
    return artifacts.bring(local, asked["source"], folder)


def _fetched(version: ModelVersion, folder: Path, progress: Progress) -> Brought:
    fetch = fetcher()
    if fetch is None:
        raise Invalid("This server fetches no artifacts; upload it.", field="artifact")
    files = fetch(version, folder, progress)
    return Brought(folder, files, [manifest_digest(files)])
