"""Starts the sandbox as a child of a worker, follows it, and ends it at its limits."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SANDBOX = Path(__file__).parent / "sandbox"
# How long interpreter and libraries may take to load before the model's own time begins.
START_SECONDS = 60
MOST_TOLD = 4_000_000
MEGABYTE = 1024 * 1024
LOOK_EVERY = 0.1
# Nothing of the worker's own environment, least of all its secrets.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}


@dataclass
class Told:
    """What the child said, line by line, and how it ended.

    `ended` is "whole", or what ended it: "time", "memory", or "died" when it ended by itself.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    ended: str = "died"
    seconds: float = 0.0
    peak: int = 0
    code: int | None = None

    def event(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.events if one.get("event") == name), None)

    def all(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one.get("event") == name]


def run(
    task: dict[str, Any],
    *,
    seconds: int,
    megabytes: int,
    tick: Callable[[str], None] = lambda step: None,
) -> Told:
    """Runs one task in a child of its own; whatever happens, no child is left."""
    told = Told()
    whole = {**task, "seconds": seconds, "megabytes": megabytes}
    with _child() as child:
        with suppress(BrokenPipeError):
            child.stdin.write(json.dumps(whole).encode())
            child.stdin.close()
        _follow(child, told, seconds=seconds, most=megabytes * MEGABYTE, tick=tick)
        if told.ended == "died":
            with suppress(subprocess.TimeoutExpired):
                child.wait(2)  # its own end tells more than ours would
    told.code = child.returncode
    if told.ended == "died" and told.code == -signal.SIGXCPU:
        told.ended = "time"
    return told


class _child:
    """The child in a session of its own, so that all it might start ends with it."""

    def __enter__(self) -> subprocess.Popen:
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-B", str(SANDBOX)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
        )
        return self.process

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()


def _follow(
    child: subprocess.Popen,
    told: Told,
    *,
    seconds: int,
    most: int,
    tick: Callable[[str], None],
) -> None:
    """Reads until the child is done, or one of its limits is reached."""
    started = begun = time.monotonic()
    allowed = START_SECONDS
    for line in _lines(child):
        now = time.monotonic()
        if line is not None:
            event = _event(line)
            told.events.append(event)
            told.peak = max(told.peak, int(event.get("peak") or 0))
            if event["event"] == "confined":
                begun, allowed = now, seconds
            if event["event"] == "end":
                told.ended = "memory" if told.event("memory") else "whole"
                break
        told.seconds = now - begun
        resident = _resident(child.pid)
        told.peak = max(told.peak, resident)
        if told.seconds > allowed:
            told.ended = "time"
            break
        if begun != started and resident > most:
            told.ended = "memory"
            break
        tick(told.events[-1]["event"] if told.events else "starting")


def _lines(child: subprocess.Popen) -> Iterator[bytes | None]:
    """The lines as they come, and nothing now and then so that the clock can be looked at."""
    waiting, heard = b"", 0
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(LOOK_EVERY):
                yield None
                continue
            chunk = os.read(child.stdout.fileno(), 65_536)
            heard += len(chunk)
            if not chunk or heard > MOST_TOLD:
                return
            *lines, waiting = (waiting + chunk).split(b"\n")
            yield from lines


def _event(line: bytes) -> dict[str, Any]:
    """One line of the child; what is no line of ours counts as nonsense, not as an answer."""
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    known = isinstance(event, dict) and isinstance(event.get("event"), str)
    return event if known else {"event": "nonsense"}


def _resident(pid: int) -> int:
    """The memory the child holds now, in bytes; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
