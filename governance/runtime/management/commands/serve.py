"""`manage.py serve`: web, worker and beat on one machine until Ctrl-C."""

import os
import socket
import time
from argparse import ArgumentParser
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from governance.runtime import health
from governance.runtime.processes import GaveUp, Supervisor, answers, children

START_SECONDS = 60


class Command(BaseCommand):
    help = "Applies the migrations and runs web, worker and beat until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8000)

    def handle(self, *, port: int, **_: object) -> None:
        refuse_taken(port)
        address = f"http://127.0.0.1:{port}"
        os.environ.setdefault("PUBLIC_URL", address)
        try:
            self.prepare()
            self.run(Supervisor(children(port=port, home=settings.HOME), say=self.say), address)
        except GaveUp as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped before the server was up.") from None

    def run(self, supervisor: Supervisor, address: str) -> None:
        """Runs the processes until a stop is asked for."""
        with supervisor.running():
            if supervisor.watch(until=answers_in_time(f"{address}/healthz")):
                self.welcome(supervisor, address)
                supervisor.watch()
            self.say("\nStopping.")

    def say(self, text: str) -> None:
        """Writes at once, also into a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    def prepare(self) -> None:
        """Brings the database to this release; looking whether it is there is quicker."""
        if health.migrations() != "ok":
            self.say("Preparing the database.")
            call_command("migrate", verbosity=0, interactive=False)
        settings.STATIC_ROOT.mkdir(exist_ok=True)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)

    def welcome(self, supervisor: Supervisor, address: str) -> None:
        """Says where the server answers."""
        self.stdout.write(
            f"Imprimatur answers on {address} (logs in {settings.HOME / 'logs'})."
        )


def answers_in_time(url: str) -> Callable[[], bool]:
    """Returns the question whether the server answers, which gives up after a minute."""
    deadline = time.monotonic() + START_SECONDS

    def question() -> bool:
        if answers(url):
            return True
        if time.monotonic() > deadline:
            raise GaveUp(f"The server does not answer on {url}; see the logs beside the data.")
        return False

    return question


def refuse_taken(port: int) -> None:
    """Stops before anything is started when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Port {port} cannot be used ({error}); choose another: PORT=8001 make demo"
            ) from None
