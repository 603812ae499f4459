"""`manage.py demo`: the server with the demo's people and pipelines that have really run."""

import os
import subprocess
import sys

from django.conf import settings
from django.core.management.base import CommandError

from governance.approvals.models import Request
from governance.runtime import story
from governance.runtime.management.commands import serve
from governance.runtime.processes import Supervisor
from governance.usecases.models import KpiObservation

EXAMPLES = settings.BASE_DIR / "docs" / "examples"
CREDIT_MODEL, FLIGHTS_CASE = "credit-scoring", "flight-delays"


class Command(serve.Command):
    help = "Runs the server with demo people and the example pipelines' models until Ctrl-C."

    def handle(self, **options: object) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's passwords are public: it runs only with DEBUG=true.")
        super().handle(**options)

    def prepare(self) -> None:
        super().prepare()
        story.seed()

    def welcome(self, supervisor: Supervisor, address: str) -> None:
        token = story.token_for("ada")
        # Looks for the last act of each; one that was interrupted runs again from its start.
        if not Request.objects.filter(version__model__name=CREDIT_MODEL).exists():
            self.say(
                f"{address} answers; the credit pipeline now trains, registers and asks.\n"
            )
            self._run(supervisor, "credit_pipeline.py", address, token)
        if not supervisor.stopping.is_set():
            self.say(banner(address, token))
        if not KpiObservation.objects.filter(kpi__use_case__slug=FLIGHTS_CASE).exists():
            self.say("\nMeanwhile a year of flights is being measured, about a minute.")
            self._run(supervisor, "flights_pipeline.py", address, token, quiet=True)

    def _run(
        self,
        supervisor: Supervisor,
        script: str,
        address: str,
        token: str,
        *,
        quiet: bool = False,
    ) -> None:
        pipeline = subprocess.Popen(
            [sys.executable, str(EXAMPLES / script)],
            env={**os.environ, "IMPRIMATUR_URL": address, "IMPRIMATUR_TOKEN": token},
            stdout=subprocess.DEVNULL if quiet else None,
        )
        try:
            supervisor.watch(until=lambda: pipeline.poll() is not None)
        finally:
            pipeline.terminate()
            pipeline.wait()
        if pipeline.returncode and not supervisor.stopping.is_set():
            self.say(f"THE PIPELINE {script} FAILED; {settings.HOME / 'logs'} may say why.")


def banner(address: str, token: str) -> str:
    people = [
        f"  {name:<5} {first} {last}, {role}"
        for name, (first, last, role, _groups) in story.PEOPLE.items()
    ]
    lines = [
        "",
        f"Imprimatur answers on {address}",
        "",
        f"Sign in as one of these people, password {story.PASSWORD}:",
        *people,
        "",
        f"Ada's API token for today: {token}",
        f'  curl -H "Authorization: Bearer {token}" {address}/api/v1/models/',
        "",
        f"Data and logs are in {settings.HOME}. Ctrl-C stops everything.",
    ]
    return "\n".join(lines)
