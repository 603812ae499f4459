"""The job that reads a data set: work profiles the file and writes nothing, store writes everything at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from governance.audit import services as audit
from governance.audit.events import Event
from governance.datasets.models import DataSet
from governance.datasets.profile import profile
from governance.evaluation import sources
from governance.evaluation.engine import duckdb_share

if TYPE_CHECKING:
    from governance.jobs.handlers import Progress
    from governance.jobs.models import Job


@dataclass(frozen=True)
class Profiled:
    """What was found in the file."""

    digest: str
    size: int
    rows: int
    columns: list[dict[str, Any]]


def work(job: "Job", progress: "Progress") -> Profiled:
    record = DataSet.objects.get(pk=job.arguments["data_set"])
    with (
        sources.scratch_folder() as scratch,
        sources.local_file(
            record.source_kind,
            record.source,
            record.artifact,
            known_digest=record.digest,
            scratch=scratch,
            progress=progress,
        ) as (file, digest),
    ):
        rows, columns = profile(
            file,
            scratch=scratch,
            memory=duckdb_share(settings.EVALUATION_MEMORY),
            progress=progress,
        )
        return Profiled(digest, file.stat().st_size, rows, columns)


def store(job: "Job", found: Profiled) -> dict:
    """Writes the profile, in the transaction that ends the job."""
    record = DataSet.objects.select_for_update(of=["self"]).get(pk=job.arguments["data_set"])
    same = DataSet.objects.filter(scope=record.scope, digest=found.digest).exclude(pk=record.pk)
    if twin := same.first():
        return _failed(record, f"This file is recorded already, as {twin}.")
    record.state, record.reason = DataSet.State.READY, ""
    record.digest, record.size = found.digest, found.size
    record.rows, record.columns = found.rows, found.columns
    record.save(update_fields=["state", "reason", "digest", "size", "rows", "columns"])
    audit.record(
        Event.DATA_SET_PROFILED, record, actor=None, rows=found.rows, digest=found.digest
    )
    return {"data_set": str(record.pk), "rows": found.rows}


def fail(job: "Job", reason: str) -> None:
    """Marks the record with the reason, in the transaction that ends the job."""
    _failed(
        DataSet.objects.select_for_update(of=["self"]).get(pk=job.arguments["data_set"]), reason
    )


def _failed(record: DataSet, reason: str) -> dict:
    record.state, record.reason = DataSet.State.FAILED, reason
    record.save(update_fields=["state", "reason"])
    return {"data_set": str(record.pk), "reason": reason}
