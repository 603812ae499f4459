"""The jobs that ask other servers: pin, check, verify, compare, move back; and who queues them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Model
from django.utils import timezone

from governance.connections import divergences, services, syncing
from governance.connections.client import Reader
from governance.connections.models import Connection, Divergence
from governance.connections.resolving import Resolved, resolve
from governance.errors import DOMAIN_ERRORS, Conflict, NotFound
from governance.jobs import handlers
from registry import services as registry
from registry.artifacts import manifest_digest
from registry.models import Artifact, ModelVersion
from registry.signals import VERSION_CREATED, changed

if TYPE_CHECKING:
    from governance.accounts.models import User
    from governance.jobs.handlers import Progress
    from governance.jobs.models import Job


@dataclass(frozen=True)
class Looked:
    """What one look at an artifact found: a digest or why there is none."""

    digest: str = ""
    problem: str = ""


def connect() -> None:
    handlers.register(services.PIN, title="Pinning", work=resolve_source, store=pin)
    handlers.register(services.CHECK, title="Artifact check", work=look, store=write_look)
    handlers.register(services.VERIFY, title="Test", work=try_out, store=write_trial)
    handlers.register(services.SYNC, title="Import", work=compare, store=write_synced)
    handlers.register(
        services.MOVE_BACK, title="Moving back", work=move_back, store=write_moved_back
    )
    changed.connect(pin_registered, dispatch_uid="connections.pin_registered")


def pin_registered(event: str, subject: Model, actor: "User | None", **_: object) -> None:
    if event == VERSION_CREATED:
        services.pin_soon(subject, actor=actor)


def resolve_source(job: "Job", progress: "Progress") -> Resolved:
    """Asks the tracking servers in turn; the first that knows the source answers for it."""
    version = ModelVersion.objects.select_related("model").get(pk=job.arguments["version"])
    reasons = ["No tracking connection is switched on."]
    for connection in Connection.objects.tracking():
        progress(0, 1, f"Asking {connection.name}")
        try:
            return resolve(version, Reader(connection))
        except NotFound as error:
            reasons.append(f"{connection.name}: {error.sentence}")
    raise NotFound(" ".join(reasons[1:] or reasons))


def pin(job: "Job", found: Resolved) -> dict:
    version = ModelVersion.objects.select_related("model").get(pk=job.arguments["version"])
    if Artifact.objects.filter(version=version).exists():
        return {}
    artifact = registry.pin_artifact(
        version,
        actor=job.created_by,
        location=found.location,
        files=found.files,
        parameters=found.parameters,
        metrics=found.metrics,
        run_id=found.run_id,
        run_link=found.run_link,
        facts=found.facts,
    )
    return {"location": artifact.location, "digest": artifact.digest}


def look(job: "Job", progress: "Progress") -> Looked:
    """Reads the files again; not being able to is a finding, too."""
    artifact = Artifact.objects.get(version=job.arguments["version"])
    for connection in Connection.objects.tracking():
        try:
            reader = Reader(connection)
            if reader.serves(artifact.location):
                progress(0, 1, f"Reading from {connection.name}")
                return Looked(digest=manifest_digest(reader.files(artifact.location)))
        except DOMAIN_ERRORS as error:
            return Looked(problem=error.sentence)
    return Looked(problem="No tracking connection leads to where the files are.")


def write_look(job: "Job", found: Looked) -> dict:
    version = ModelVersion.objects.select_related("model").get(pk=job.arguments["version"])
    registry.record_check(version, digest=found.digest, problem=found.problem)
    return {"digest": found.digest, "problem": found.problem}


def try_out(job: "Job", progress: "Progress") -> str:
    """The sentence that says what is wrong; empty when the server answers."""
    connection = _connection(job)
    progress(0, 1, f"Asking {connection.name}")
    try:
        Reader(connection).verify()
    except DOMAIN_ERRORS as error:
        return error.sentence
    return ""


def write_trial(job: "Job", problem: str) -> dict:
    connection = _connection(job)
    connection.problem, connection.verified_at = problem[:1000], timezone.now()
    connection.save(update_fields=["problem", "verified_at"])
    return {"problem": problem}


def compare(job: "Job", progress: "Progress") -> syncing.Outcome:
    """Writes through the registry's services as it goes, so that a new start goes on where it stood."""
    connection = _connection(job)
    if not (connection.is_enabled and connection.for_registry):
        raise Conflict(f"{connection.name} is switched off.")
    return syncing.take_over(
        connection,
        actor=connection.created_by,
        progress=progress,
        only=job.arguments.get("name", ""),
    )


def write_synced(job: "Job", outcome: syncing.Outcome) -> dict:
    connection = _connection(job)
    connection.synced_at, connection.problem = timezone.now(), ""
    connection.save(update_fields=["synced_at", "problem"])
    return outcome.as_json()


def move_back(job: "Job", progress: "Progress") -> int:
    """Sets the alias there to the version that serves here by clearance; says which."""
    divergence = _divergence(job)
    target = divergences.cleared_target(divergence)
    if target is None:
        raise Conflict(f"Nothing cleared serves as {divergence.pointer} here.")
    name = divergence.model.remotes.get(connection=divergence.connection).name
    progress(0, 1, f"Setting {divergence.pointer} to version {target.number}")
    Reader(divergence.connection).set_alias(name, divergence.pointer, target.number)
    return target.pk


def write_moved_back(job: "Job", target: int) -> dict:
    version = ModelVersion.objects.select_related("model").get(pk=target)
    divergences.write_moved_back(_divergence(job), version)
    return {"version": version.label}


def _connection(job: "Job") -> Connection:
    return Connection.objects.select_related("created_by").get(pk=job.arguments["connection"])


def _divergence(job: "Job") -> Divergence:
    related = Divergence.objects.select_related("connection", "model", "version__model")
    return related.get(pk=job.arguments["divergence"])
