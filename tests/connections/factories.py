"""Connections for tests, and an administrator to make them."""

from django.contrib.auth.models import Group

from governance.connections import services
from governance.jobs import runner
from governance.jobs.models import Job
from tests.accounts.factories import person


def administrator():
    root = person("root")
    root.groups.add(Group.objects.get_or_create(name="administrator")[0])
    return type(root).objects.get(pk=root.pk)


def connection(url="https://mlflow.example.com", name="lab", **more):
    return services.create_connection(actor=administrator(), name=name, url=url, **more)


def run(kind):
    """Runs the waiting jobs of the kind as a worker would; gives the last as it ended."""
    job = None
    for job in Job.objects.filter(kind=kind, state=Job.State.QUEUED).order_by("created_at"):
        runner.run(str(job.pk))
        job.refresh_from_db()
    assert job, f"no job {kind} waits"
    return job
