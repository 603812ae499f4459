"""Thousands of open requests at once, as rows copied from one that was really asked for."""

from datetime import timedelta

from django.db import connection
from django.db.models import F

from governance.approvals.models import Request, Step
from registry.models import ModelVersion
from tests.approvals.factories import open_request, story


def crowd(size: int, told=None, *, first: int = 2) -> list[Request]:
    """So many open requests beside one, each for its own version from `first` on, with the same steps."""
    told = told or story()
    asked = Request.objects.open().filter(version=told.version).first() or open_request(told)
    steps = list(asked.steps.all())
    versions = ModelVersion.objects.bulk_create(
        _copy(told.version, number=number) for number in range(first, first + size)
    )
    requests = Request.objects.bulk_create(_copy(asked, version=one) for one in versions)
    Step.objects.bulk_create(
        _copy(step, request=request) for request in requests for step in steps
    )
    return requests


def late(request: Request, *, days: int) -> None:
    """Makes it as if it had been asked so long ago, which PostgreSQL refuses to everybody else."""
    earlier = timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    Request.objects.filter(pk=request.pk).update(
        opened_at=F("opened_at") - earlier,
        round_began_at=F("round_began_at") - earlier,
        due_at=F("due_at") - earlier,
    )
    request.steps.update(due_at=F("due_at") - earlier)
    request.consultations.update(due_at=F("due_at") - earlier)
    request.findings.update(due_on=F("due_on") - earlier)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def _copy(row, **changes):
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values.pop(row._meta.pk.attname)
    values |= {
        row._meta.get_field(name).attname: getattr(one, "pk", one)
        for name, one in changes.items()
    }
    return type(row)(**values)
