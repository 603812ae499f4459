"""Answers the infra check: brings the files of a pinned artifact from the server that keeps them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from governance.connections.client import Reader
from governance.connections.models import Connection
from governance.errors import Conflict
from registry.models import Artifact, ModelVersion

Progress = Callable[[int, int, str], None]


def fetch(version: ModelVersion, folder: Path, progress: Progress) -> list[dict[str, Any]]:
    """Writes the files below the folder and lists them with size and sha256; belongs in a job."""
    artifact = Artifact.objects.get(version=version)
    for connection in Connection.objects.tracking():
        reader = Reader(connection)
        if reader.serves(artifact.location):
            progress(0, 1, f"Reading from {connection.name}")
            return reader.files(artifact.location, into=folder, most=settings.INFRA_MAX_BYTES)
    raise Conflict("No tracking connection leads to where the files are.")
