"""`manage.py demo`: the server with the demo's people and pipelines that have really run."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

from django.conf import settings
from django.core.management.base import CommandError

from governance.approvals.models import Request
from governance.runtime import story
from governance.runtime.management.commands import serve
from governance.runtime.processes import Supervisor
from governance.usecases.models import KpiObservation
from registry.models import Alias

EXAMPLES = settings.BASE_DIR / "docs" / "examples"
CREDIT_MODEL, MLFLOW_MODEL = "credit-scoring", "credit-mlflow"
FLIGHTS_CASE = "flight-delays"


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
            story.propose()
        if not supervisor.stopping.is_set():
            self.say(banner(address, token))
        if not Alias.objects.filter(model__name=MLFLOW_MODEL).exists():
            self.say("\nMeanwhile an ordinary MLflow script registers a model here, unchanged.")
            self._run(supervisor, "mlflow_training.py", address, token, quiet=True)
        if not KpiObservation.objects.filter(kpi__use_case__slug=FLIGHTS_CASE).exists():
            self.say("And a year of flights is being measured, about a minute.")
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
        log = (settings.HOME / "logs" / script).with_suffix(".log")
        with log.open("ab") as output:
            pipeline = subprocess.Popen(
                [sys.executable, str(EXAMPLES / script)],
                env=os.environ | environment(address, token),
                stdout=output if quiet else None,
                stderr=output if quiet else None,
                # A group of its own, so that whatever the pipeline starts ends with it.
                process_group=0,
            )
        try:
            supervisor.watch(until=lambda: pipeline.poll() is not None)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(pipeline.pid, signal.SIGTERM)
            pipeline.wait()
        if pipeline.returncode and not supervisor.stopping.is_set():
            self.say(f"THE PIPELINE {script} FAILED; {log.parent} may say why.")


def environment(address: str, token: str) -> dict[str, str]:
    """What the examples read: ours by REST, MLflow's by its own names with its runs in files."""
    return {
        "IMPRIMATUR_URL": address,
        "IMPRIMATUR_TOKEN": token,
        "MLFLOW_REGISTRY_URI": address,
        "MLFLOW_TRACKING_TOKEN": token,
        "MLFLOW_TRACKING_URI": (settings.HOME / "mlruns").as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


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
