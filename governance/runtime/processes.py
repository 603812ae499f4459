"""Keeps the server's processes running until somebody stops them; knows no Django.

Each child has a process group of its own, so that Ctrl-C reaches only the supervisor and the
supervisor reaches the child's children. On Linux the kernel stops a child whose supervisor was
killed; nothing depends on the supervisor's last will.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from governance.runtime.warden import dies_with_parent

PROJECT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 5
LOOK_EVERY_SECONDS = 0.1
# A child that dies again and again is broken: more restarts would hide it.
MOST_RESTARTS, RESTARTS_WITHIN_SECONDS = 5, 60


class GaveUp(RuntimeError):
    """A child does not stay alive; the sentence names it and its log."""


@dataclass
class Child:
    """One process of the server, started again when it dies."""

    name: str
    command: list[str]
    log: Path
    # Celery understands SIGQUIT as: drop the work at once. The job rows know what was dropped.
    orphan_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=PROJECT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=dies_with_parent(self.orphan_signal),
            )
        self.starts.append(time.monotonic())

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def signal_group(self, signum: signal.Signals) -> None:
        """Signals the child and what it has started, also after the child itself is gone."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signum)

    def start_again(self) -> None:
        """Clears what the dead child left and starts another, a bounded number of times."""
        self.signal_group(signal.SIGKILL)
        recent = [at for at in self.starts if time.monotonic() - at < RESTARTS_WITHIN_SECONDS]
        if len(recent) > MOST_RESTARTS:
            raise GaveUp(f"The {self.name} process does not stay alive; see {self.log}.")
        self.start()


class Supervisor:
    """Runs the children between `running()` and a stop signal, and leaves none behind."""

    def __init__(self, children: list[Child], *, say: Callable[[str], None] = print) -> None:
        self.children = children
        self.stopping = threading.Event()
        self._say = say

    @contextmanager
    def running(self) -> Iterator[None]:
        """Starts the children and stops them all at the end, whatever the end is."""
        before = {
            signum: signal.signal(signum, lambda *_: self.stopping.set())
            for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            for child in self.children:
                child.start()
            yield
        finally:
            self._stop()
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def watch(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Restarts what dies, until the condition holds (True) or a stop is asked for (False)."""
        while not self.stopping.is_set():
            for child in self.children:
                if child.has_died():
                    self._say(f"The {child.name} process ended; starting it again.")
                    child.start_again()
            if until():
                return True
            self.stopping.wait(LOOK_EVERY_SECONDS)
        return False

    def _stop(self) -> None:
        started = [child for child in self.children if child.process]
        for child in started:
            child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in started:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            child.signal_group(signal.SIGKILL)
            child.process.wait()


def children(*, port: int, home: Path) -> list[Child]:
    """Names the three processes of a server on one machine."""
    logs, python = home / "logs", [sys.executable, "-m"]
    web = ["gunicorn", "governance.wsgi:application", f"--bind=127.0.0.1:{port}"]
    web += ["--workers=2", "--worker-class=gthread", "--threads=4", "--graceful-timeout=3"]
    web += ["--no-control-socket", "--access-logfile=-"]
    celery = ["celery", "--app=governance"]
    worker = [
        "worker",
        "--queues=evaluation,default,mail,webhooks",
        "--concurrency=2",
        "--loglevel=INFO",
    ]
    worker += ["--without-gossip", "--without-mingle"]
    beat = ["beat", f"--schedule={home / 'beat'}", "--pidfile=", "--loglevel=INFO"]
    return [
        Child("web", [*python, *web], logs / "web.log"),
        Child("worker", [*python, *celery, *worker], logs / "worker.log", signal.SIGQUIT),
        Child("beat", [*python, *celery, *beat], logs / "beat.log"),
    ]


def answers(url: str) -> bool:
    """Tells whether a server answers there within a second, be it with a refusal."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - our own http
            return response.status < 500
    except urllib.error.HTTPError as error:
        return error.code < 500  # a host name it does not serve, for one
    except OSError:
        return False
