"""The acts on jobs: enqueue, cancel, retry; running one is in runner.py."""

from functools import partial
from typing import TYPE_CHECKING

from celery import current_app
from django.db import models, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from governance.accounts.queries import is_administrator
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, NotAllowed
from governance.jobs.handlers import handler_of
from governance.jobs.models import Job

if TYPE_CHECKING:
    from governance.accounts.models import User
    from registry.models import RegisteredModel

RUN = "governance.jobs.tasks.run"


def enqueue(
    kind: str,
    *,
    actor: "User | None",
    subject: models.Model | None = None,
    model: "RegisteredModel | None" = None,
    arguments: dict | None = None,
    queue: str = "default",
) -> Job:
    """Creates the job in the caller's transaction; workers are nudged once it is committed."""
    handler_of(kind)
    job = Job.objects.create(
        kind=kind,
        queue=queue,
        arguments=arguments or {},
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=str(subject.pk) if subject else "",
        subject_label=str(subject)[:300] if subject else "",
        model=model,
        created_by=actor,
        sent_at=timezone.now(),
    )
    transaction.on_commit(partial(nudge, job))
    return job


def nudge(job: Job) -> None:
    """Sends the message; when the broker is away the sweeper sends it later."""
    try:
        current_app.send_task(RUN, (str(job.pk),), queue=job.queue, retry=False)
    except OperationalError:
        Job.objects.filter(pk=job.pk).update(sent_at=None)


def cancel(job: Job, *, actor: "User") -> Job:
    """Cancels a queued job at once and asks a running one to stop."""
    with transaction.atomic(durable=True):
        job = Job.objects.select_for_update(of=["self"]).get(pk=job.pk)
        _check_may_steer(job, actor)
        if job.is_finished:
            raise Conflict(f"This job is over: {job.get_state_display().lower()}.")
        audit.record(Event.JOB_CANCELLED, job, actor=actor)
        if job.state == Job.State.QUEUED:
            end(job, Job.State.CANCELLED, f"Cancelled by {actor.display_name}.")
        else:
            job.cancel_requested = True
            job.save(update_fields=["cancel_requested"])
    return job


def retry(job: Job, *, actor: "User") -> Job:
    """Queues a failed or cancelled job again, as the same job."""
    with transaction.atomic(durable=True):
        job = Job.objects.select_for_update(of=["self"]).get(pk=job.pk)
        _check_may_steer(job, actor)
        if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
            raise Conflict(
                f"Only a failed or cancelled job starts again; this one is {job.state}."
            )
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.QUEUED,
            reason="",
            attempts=0,
            claim=None,
            cancel_requested=False,
            progress_done=0,
            progress_text="",
            finished_at=None,
            sent_at=timezone.now(),
        )
        audit.record(Event.JOB_RETRIED, job, actor=actor)
        transaction.on_commit(partial(nudge, job))
    job.refresh_from_db()
    return job


def end(job: Job, state: str, reason: str = "", result: dict | None = None) -> None:
    """Writes the end of a job; the caller holds its row lock."""
    job.state, job.reason, job.result = state, reason, result or {}
    job.finished_at, job.claim = timezone.now(), None
    job.save(update_fields=["state", "reason", "result", "finished_at", "claim"])
    handler = handler_of(job.kind)
    if state == Job.State.SUCCEEDED:
        return
    if handler.fail:
        handler.fail(job, reason)
    if state == Job.State.FAILED:
        audit.record(Event.JOB_FAILED, job, actor=job.created_by, reason=reason)


def not_entitled(job: Job, user: "User") -> list[str]:
    """Why this person may not steer the job; empty when they may."""
    if job.created_by_id == user.pk or is_administrator(user):
        return []
    owner = job.created_by.display_name if job.created_by else "the system"
    return [f"Only {owner}, who started it, or an administrator may do this."]


def _check_may_steer(job: Job, actor: "User") -> None:
    if reasons := not_entitled(job, actor):
        raise NotAllowed(reasons[0], reasons=reasons)
