"""The job that tries an artifact: work has children look at it and writes nothing, store writes everything at once."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from celery import shared_task
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Invalid
from governance.evaluation import sources
from governance.infra import artifacts, places, rows, services, signals
from governance.infra.findings import TITLES, Limits
from governance.infra.models import InfraCheck, InfraFinding
from governance.infra.trying import Asked, Checked, look_into, problem_of
from registry.queries import digests

if TYPE_CHECKING:
    from governance.jobs.handlers import Progress
    from governance.jobs.models import Job

# How far the work is when the child has told of a step, and what comes next.
STEPS = {
    "starting": (1, "Opening the model"),
    "opened": (2, "Sending rows through it"),
    "outputs": (3, "Sending the same rows again"),
    "again": (4, "Measuring latency"),
    "latency": (5, "Comparing with golden rows"),
    "scan": (6, "Scanning files that could hold code"),
}


@shared_task(name="governance.infra.tasks.forget_abandoned", expires=3600)
def forget_abandoned() -> None:
    services.forget_abandoned()


def work(job: "Job", progress: "Progress") -> Checked:
    """Brings the artifact and has children look at it; one that cannot be brought is a finding."""
    check = InfraCheck.objects.select_related("version__model").get(pk=job.arguments["check"])
    InfraCheck.objects.filter(pk=check.pk, finished_at=None).update(
        state=InfraCheck.State.RUNNING, reason=""
    )
    _found_now, known = digests(check.version)

    reached = STEPS["starting"]

    def tick(step: str) -> None:
        nonlocal reached
        reached = max(reached, STEPS.get(step, reached))
        progress(reached[0], len(STEPS) + 1, reached[1])

    with sources.scratch_folder() as scratch:
        progress(0, len(STEPS) + 1, "Fetching the artifact")
        asked = _asked(check, scratch, progress)
        try:
            room = artifacts.make_room(scratch)
            brought = places.bring(check.artifact, check.version, room, progress)
            return look_into(brought, known, asked, tick)
        except Invalid as error:
            if error.field != artifacts.FIELD:
                raise
            return problem_of(error, known)


def store(job: "Job", checked: Checked) -> dict:
    """Writes the findings, in the transaction that ends the job."""
    check = InfraCheck.objects.select_for_update(of=["self"]).get(pk=job.arguments["check"])
    InfraFinding.objects.bulk_create(
        InfraFinding(
            check_made=check,
            position=position,
            key=one.key,
            title=TITLES[one.key],
            outcome=one.outcome,
            sentence=_storable(one.sentence),
            value=one.value,
            limit=one.limit,
            unit=one.unit,
        )
        for position, one in enumerate(checked.findings)
    )
    check.state, check.reason = checked.state, ""
    check.artifact_digest = checked.digest
    check.isolation, check.ran_with = checked.isolation, checked.ran_with
    check.finished_at = timezone.now()
    check.save()
    audit.record(
        Event.INFRA_CHECKED,
        check,
        actor=None,
        version=check.version.label,
        outcome=check.state,
        digest=check.artifact_digest,
        failed=[one.key for one in checked.findings if one.outcome == "fail"],
    )
    transaction.on_commit(partial(places.forget, check.artifact, check.rows, check.golden))
    signals.checked.send(InfraCheck, check=check)
    return {"check": str(check.pk), "state": check.state}


def fail(job: "Job", reason: str) -> None:
    """Marks the check with the reason; it may be started again."""
    check = InfraCheck.objects.select_for_update(of=["self"]).get(pk=job.arguments["check"])
    check.state, check.reason = InfraCheck.State.NOT_POSSIBLE, reason
    check.save(update_fields=["state", "reason"])
    audit.record(Event.INFRA_CHECK_BROKEN, check, actor=None, reason=reason)


def _asked(check: InfraCheck, scratch: Path, progress: "Progress") -> Asked:
    return Asked(
        limits=Limits(
            seconds=check.seconds,
            memory_mb=check.memory_mb,
            p95_ms=check.p95_ms,
            low=check.lowest,
            high=check.highest,
            range_output=check.range_output,
            same_within=check.same_within,
            golden_within=check.golden_within,
        ),
        rows=_arrays(check.rows, "rows", scratch, progress),
        golden=_arrays(check.golden, "golden", scratch, progress),
        expected=check.expected,
    )


def _arrays(
    asked: dict[str, str], name: str, scratch: Path, progress: "Progress"
) -> Path | None:
    if not asked:
        return None
    if asked["stored"] and not default_storage.exists(asked["stored"]):
        raise Invalid("The uploaded rows are no longer here.", field=name)
    folder = scratch / name
    folder.mkdir()
    with sources.local_file(
        asked["kind"],
        asked["source"],
        asked["stored"],
        known_digest=asked["digest"],
        scratch=folder,
        progress=progress,
    ) as (file, _digest):
        written = scratch / f"{name}.npz"
        rows.write_arrays(file, written, scratch=folder, field=name)
    return written


def _storable(sentence: str) -> str:
    """Names in a model may hold what PostgreSQL keeps no text of."""
    return sentence.replace("\0", "�")
