"""Real Celery workers over the test's own database and message folder, to be killed by tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from celery import current_app
from django.db import connection

from governance.jobs import runner
from governance.runtime.processes import PROJECT
from tests.patience import SECONDS, soon


class Worker:
    """One `celery worker` in a process group of its own."""

    def __init__(self, home: Path, *, concurrency: int = 2) -> None:
        self.home, self.concurrency = home, concurrency
        self.log = home / "worker.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> "Worker":
        """Starts the worker and waits until it listens."""
        command = ["celery", "--app=governance", "worker", "--include=tests.jobs.toys"]
        command += [
            "--queues=evaluation,default,mail,webhooks",
            f"--concurrency={self.concurrency}",
        ]
        command += ["--loglevel=INFO", "--without-gossip", "--without-mingle"]
        self.log.unlink(missing_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=PROJECT,
                env=environment(self.home),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        soon(lambda: self.listens() or self.process.poll() is not None)
        assert self.listens(), self.log.read_text()
        return self

    def listens(self) -> bool:
        return " ready." in self.log.read_text()

    def kill(self) -> None:
        """Kills the worker and all of its processes, as a power cut would."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def environment(home: Path) -> dict[str, str]:
    """The worker's environment: the test's database, and a home with the test's messages."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return {
        **os.environ,
        "DEBUG": "true",
        "DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "DJANGO_SETTINGS_MODULE": "tests.jobs.worker_settings",
        "IMPRIMATUR_HOME": str(home),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def sending_to(home: Path) -> Iterator[None]:
    """Makes this process send its messages to the folder of the worker in that home."""
    folder = home / "broker"
    folder.mkdir(parents=True)
    before = current_app.conf.broker_transport_options
    current_app.conf.broker_transport_options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.1,
    }
    forget_connections()
    try:
        yield
    finally:
        current_app.conf.broker_transport_options = before
        forget_connections()


def forget_connections() -> None:
    current_app._pool = None
    current_app.amqp._producer_pool = None


def swept(question: Callable[[], object], seconds: float = 3 * SECONDS) -> bool:
    """Asks until the answer is yes while the sweeper runs, as beat would have it run."""
    return soon(lambda: question() or (runner.sweep(), False)[1], seconds)
