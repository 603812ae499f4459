"""The acts on connections: make, change, test, start a comparison; administrators only."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import outbound
from governance.accounts.queries import is_administrator
from governance.audit import services as audit
from governance.audit.events import Event
from governance.connections.models import Connection, HookDelivery
from governance.connections.resolving import is_resolvable
from governance.errors import Conflict, Invalid, NotAllowed
from governance.jobs.models import Job
from governance.jobs.services import enqueue
from registry import validation
from registry.models import ModelVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from governance.accounts.models import User

PIN, CHECK, VERIFY, SYNC, MOVE_BACK = (
    f"connections.{act}" for act in ("pin", "check", "verify", "sync", "move_back")
)
LONGEST_SECRET = 2000
CHANGEABLE = {"for_tracking", "for_registry", "move_back", "is_enabled"}
MOST_PINS = 12
PIN_AGAIN_AFTER = timedelta(minutes=30)
CHECK_AGAIN_AFTER = timedelta(hours=24)
# Longer than a post is accepted after it was signed, so that none is taken twice.
HOOKS_REMEMBERED = timedelta(hours=1)


def create_connection(
    *,
    actor: "User",
    name: str,
    url: str,
    username: str = "",
    secret: str = "",
    for_tracking: bool = True,
    for_registry: bool = False,
    move_back: bool = False,
    hook_secret: str = "",
) -> Connection:
    """Makes a connection and asks a job to try it."""
    _check_administrator(actor)
    connection = Connection(
        name=_name(name),
        url=_url(url),
        username=validation.word(username.strip(), "username", longest=250),
        for_tracking=for_tracking,
        for_registry=for_registry,
        move_back=move_back,
        created_by=actor,
    )
    connection.secret = _secret(secret)
    connection.hook_secret = _secret(hook_secret)
    try:
        with transaction.atomic(durable=True):
            connection.save(force_insert=True)
            audit.record(
                Event.CONNECTION_CREATED,
                connection,
                actor=actor,
                host=outbound.host_of(connection.url),
                **_uses(connection),
            )
            enqueue(VERIFY, actor=actor, subject=connection, arguments=_named(connection))
    except IntegrityError:
        raise Conflict(
            f"There is a connection called {connection.name} already.",
            code="name_taken",
            field="name",
        ) from None
    return connection


def update_connection(
    connection: Connection, *, actor: "User", secret: str | None = None, **changes: bool
) -> Connection:
    """Switches what a connection is used for, or gives it another secret."""
    _check_administrator(actor)
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be changed.")
    with transaction.atomic(durable=True):
        connection = Connection.objects.select_for_update(of=["self"]).get(pk=connection.pk)
        for field, value in changes.items():
            setattr(connection, field, bool(value))
        if secret is not None:
            connection.secret = _secret(secret)
        connection.save()
        audit.record(
            Event.CONNECTION_UPDATED,
            connection,
            actor=actor,
            **_uses(connection),
            secret_changed=secret is not None,
        )
    return connection


def verify(connection: Connection, *, actor: "User") -> Job:
    """Asks a job to try the address and the credentials."""
    _check_administrator(actor)
    with transaction.atomic(durable=True):
        return _once(VERIFY, connection, actor=actor)


def start_sync(connection: Connection, *, actor: "User") -> Job:
    """Asks a job to take over what the other registry holds; one at a time."""
    _check_administrator(actor)
    if not (connection.is_enabled and connection.for_registry):
        raise Conflict(f"{connection.name} is not set up for its registry, or switched off.")
    with transaction.atomic(durable=True):
        job = _once(SYNC, connection, actor=actor)
        audit.record(Event.SYNC_STARTED, connection, actor=actor)
    return job


def sync_soon(connection: Connection, name: str = "") -> Job:
    """Queues a look at one model there, or at all; call it in a transaction."""
    arguments = {**_named(connection), "name": name}
    waiting = Job.objects.filter(kind=SYNC, state=Job.State.QUEUED, arguments=arguments)
    return waiting.first() or enqueue(
        SYNC, actor=connection.created_by, subject=connection, arguments=arguments
    )


def reconcile() -> int:
    """Starts a comparison with every registry that none is under way for; returns how many."""
    HookDelivery.objects.filter(at__lt=timezone.now() - HOOKS_REMEMBERED).delete()
    started = 0
    for connection in Connection.objects.syncing().select_related("created_by"):
        with transaction.atomic():
            _once(SYNC, connection, actor=connection.created_by)
        started += 1
    return started


def pin_soon(version: ModelVersion, *, actor: "User | None") -> Job | None:
    """Queues the look at the source, if there is a server to ask; call it in a transaction."""
    if not is_resolvable(version.source) or not Connection.objects.tracking().exists():
        return None
    return enqueue(
        PIN,
        actor=actor,
        subject=version,
        model=version.model,
        arguments={"version": version.pk},
    )


def pin_again() -> int:
    """Queues once more what could not be pinned, a limited number of times; returns how many."""
    if not Connection.objects.tracking().exists():
        return 0
    since = timezone.now() - PIN_AGAIN_AFTER
    failed = Job.objects.filter(kind=PIN, state=Job.State.FAILED, finished_at__lt=since)
    subjects = set(failed.order_by("-finished_at").values_list("subject_id", flat=True)[:500])
    queued = 0
    for version in (
        ModelVersion.objects.live()
        .filter(pk__in=subjects, artifact=None)
        .select_related("model")
    ):
        mine = Job.objects.filter(kind=PIN, subject_id=str(version.pk))
        newest = mine.order_by("-created_at").first()
        if newest.is_finished and newest.finished_at < since and mine.count() < MOST_PINS:
            with transaction.atomic():
                pin_soon(version, actor=newest.created_by)
            queued += 1
    return queued


def check_due(versions: "QuerySet[ModelVersion]") -> int:
    """Queues a look at those whose artifact was not looked at for a day; returns how many."""
    since = timezone.now() - CHECK_AGAIN_AFTER
    due = (
        versions.filter(artifact__pinned_at__lt=since)
        .exclude(artifact__digest="")
        .exclude(checks__at__gte=since)
        .select_related("model")
    )
    queued = 0
    for version in due:
        with transaction.atomic():
            check_soon(version)
        queued += 1
    return queued


def check_soon(version: ModelVersion, *, actor: "User | None" = None) -> Job:
    """Queues one look at the artifact, unless one is under way."""
    return _once(
        CHECK,
        version,
        actor=actor,
        model=version.model,
        arguments={"version": version.pk},
    )


def _once(
    kind: str,
    subject: Connection | ModelVersion,
    *,
    actor: "User | None",
    arguments: dict | None = None,
    **more: object,
) -> Job:
    """The job of the kind that is under way for the subject, or a new one."""
    under_way = Job.objects.unfinished().filter(kind=kind, subject_id=str(subject.pk)).first()
    return under_way or enqueue(
        kind, actor=actor, subject=subject, arguments=arguments or _named(subject), **more
    )


def _named(connection: Connection) -> dict:
    return {"connection": str(connection.pk)}


def _check_administrator(actor: "User") -> None:
    if not is_administrator(actor):
        raise NotAllowed("Connections are made and changed by administrators.")


def _name(name: str) -> str:
    name = validation.word(name.strip(), "name", longest=63)
    if not name:
        raise Invalid("A connection needs a name.", field="name")
    return name


def _url(url: str) -> str:
    url = url.strip().rstrip("/")
    outbound.check(url, allowed_hosts=settings.CONNECTIONS_ALLOWED_HOSTS)
    if "?" in url:
        raise Invalid("The address of a server has no query.", field="url")
    return url


def _secret(secret: str) -> str:
    if len(secret) > LONGEST_SECRET or not secret.isprintable():
        raise Invalid(
            f"The secret has at most {LONGEST_SECRET:,} printable characters.", field="secret"
        )
    return secret


def _uses(connection: Connection) -> dict[str, bool]:
    return {field: getattr(connection, field) for field in sorted(CHANGEABLE)}
