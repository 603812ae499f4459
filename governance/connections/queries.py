"""What the page of connections and that of a model show."""

from django.db.models import Count, Q, QuerySet

from governance.connections.models import Connection, Divergence
from governance.connections.resolving import is_resolvable
from governance.connections.services import PIN
from governance.jobs.models import Job
from registry.models import ModelVersion, RegisteredModel


def overview(connections: QuerySet[Connection]) -> QuerySet[Connection]:
    """Connections with what was taken over and what stands in the way, in one query."""
    return connections.annotate(
        taken=Count("remote_models", filter=~Q(remote_models__model=None), distinct=True),
        troubled=Count("remote_models", filter=~Q(remote_models__problem=""), distinct=True),
    )


def newest_jobs(connections: list[Connection]) -> dict[str, Job]:
    """The newest job about each connection, by its key."""
    keys = [str(one.pk) for one in connections]
    found = Job.objects.filter(subject_type="connections.connection", subject_id__in=keys)
    newest = found.order_by("subject_id", "-created_at").distinct("subject_id")
    return {job.subject_id: job for job in newest}


def pinning_of(version: ModelVersion) -> Job | None:
    """The newest job that was to pin the version's artifact, while it is not pinned."""
    if not is_resolvable(version.source) or hasattr(version, "artifact"):
        return None
    jobs = Job.objects.filter(kind=PIN, subject_id=str(version.pk))
    return jobs.filter(subject_type="registry.modelversion").order_by("-created_at").first()


def open_divergences(model: RegisteredModel | None = None) -> QuerySet[Divergence]:
    """What has not been resolved, the newest first."""
    found = Divergence.objects.filter(resolved_at=None).select_related("connection", "model")
    return found.filter(model=model) if model else found


def troubled_models(connection: Connection) -> QuerySet:
    return connection.remote_models.exclude(problem="").select_related("model")
