"""Which function does which kind of work; filled by the apps that own the work, at start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from governance.jobs.models import Job

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Handler:
    """`work` computes and writes nothing; `store` writes, once, with the end of the job.

    `fail` is told when the job ended without a result, in the same transaction.
    """

    title: str
    work: Callable[["Job", Progress], Any]
    store: Callable[["Job", Any], dict]
    fail: Callable[["Job", str], None] | None


_handlers: dict[str, Handler] = {}


def register(
    kind: str,
    *,
    title: str = "",
    work: Callable[["Job", Progress], Any],
    store: Callable[["Job", Any], dict],
    fail: Callable[["Job", str], None] | None = None,
) -> None:
    """Names the functions for a kind of job; the last word wins (tests register again)."""
    _handlers[kind] = Handler(title or kind, work, store, fail)


def handler_of(kind: str) -> Handler:
    return _handlers[kind]


def title_of(kind: str) -> str:
    handler = _handlers.get(kind)
    return handler.title if handler else kind
