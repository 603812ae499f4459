"""`manage.py import_mlflow --from URL`: takes over the registry of another MLflow server and follows the job."""

import os
import time
from argparse import ArgumentParser
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.connections import services
from governance.connections.models import Connection, RemoteModel
from governance.errors import DOMAIN_ERRORS
from governance.jobs import runner
from governance.jobs.models import Job

POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Takes over models, versions, aliases, tags and descriptions of another MLflow server. "
        "Started again, it goes on where it stood."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="url", required=True, metavar="URL")
        parser.add_argument(
            "--token-env",
            default="",
            metavar="NAME",
            help="environment variable with the token, or with the password of --remote-user",
        )
        parser.add_argument("--remote-user", default="", help="user name at the other server")
        parser.add_argument(
            "--user", default="", help="the administrator in whose name it happens here"
        )

    def handle(
        self, *, url: str, token_env: str, remote_user: str, user: str, **_: object
    ) -> None:
        if token_env and token_env not in os.environ:
            raise CommandError(f"The environment has no variable {token_env}.")
        try:
            actor = _administrator(user)
            connection = _connection(
                url, actor, username=remote_user, secret=os.environ.get(token_env, "")
            )
            job = services.start_sync(connection, actor=actor)
        except DOMAIN_ERRORS as error:
            raise CommandError(error.sentence) from None
        runner.run(str(job.pk))  # does nothing when a worker was quicker
        job = self._followed(job)
        if job.state != Job.State.SUCCEEDED:
            raise CommandError(f"{job.get_state_display()}: {job.reason}")
        self.stdout.write(
            f"{connection.name}: {job.result['models']} models, "
            f"{job.result['new_versions']} new versions, "
            f"{job.result['divergences']} divergences, {job.result['problems']} with problems."
        )
        for one in RemoteModel.objects.filter(connection=connection).exclude(problem=""):
            self.stdout.write(f"  {one.name}: {one.problem}")

    def _followed(self, job: Job) -> Job:
        said = ""
        while True:
            job.refresh_from_db()
            line = f"{job.progress_done}/{job.progress_total} {job.progress_text}"
            if job.is_finished:
                return job
            if line != said:
                self.stdout.write(line)
            said = line
            time.sleep(POLL_SECONDS)


def _administrator(name: str) -> User:
    """The one named, or the first there is."""
    users = User.objects.filter(is_active=True).order_by("pk")
    found = users.filter(username=name) if name else users
    for user in found:
        if is_administrator(user):
            return user
    raise CommandError(f"There is no active administrator {name}.".replace(" .", "."))


def _connection(url: str, actor: User, *, username: str, secret: str) -> Connection:
    """The connection to this address, made on the first import."""
    url = url.strip().rstrip("/")
    found = Connection.objects.filter(url=url).first()
    if found is None:
        name = (urlsplit(url).netloc or url)[:63]
        return services.create_connection(
            actor=actor, name=name, url=url, username=username, secret=secret, for_registry=True
        )
    changes = {} if found.for_registry else {"for_registry": True}
    if secret or changes:
        found = services.update_connection(found, actor=actor, secret=secret or None, **changes)
    return found
