"""Runs one job at most once at a time: claim, work, store; and finds what workers lost.

The claim is a compare-and-set with a fresh token. Whoever holds the token when the work is done
stores the value and ends the job in one transaction, so a doubled message, a killed worker or
one that was believed dead can never write twice.
"""

import threading
import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from governance.errors import DOMAIN_ERRORS
from governance.jobs.handlers import handler_of
from governance.jobs.models import Job
from governance.jobs.services import end, nudge

log = structlog.get_logger(__name__)


class Cancelled(Exception):
    """Somebody asked the running job to stop."""


class ClaimLost(Exception):
    """Another worker owns the job now; what was computed here is thrown away."""


def run(job_id: str) -> None:
    """Runs the job if it waits to be run; otherwise does nothing."""
    job = _claim(job_id)
    if job is None:
        return
    with _Heartbeat(job) as heartbeat:
        try:
            value = handler_of(job.kind).work(job, heartbeat.progress)
            _finish(job, value)
        except ClaimLost:
            log.warning("job claim lost", job=str(job.pk))
        except Cancelled:
            _give_up(job, Job.State.CANCELLED, "Cancelled while it ran.")
        except DOMAIN_ERRORS as error:
            _give_up(job, Job.State.FAILED, error.sentence)
        except Exception as error:
            log.exception("job failed", job=str(job.pk), kind=job.kind)
            _try_again_or_fail(job, error)


def sweep() -> int:
    """Re-sends what was queued too long ago, re-queues what a dead worker held; returns how many."""
    now = timezone.now()
    lost_since = now - timedelta(seconds=settings.JOBS_LOST_AFTER_SECONDS)
    stale_since = now - timedelta(seconds=settings.JOBS_RESEND_AFTER_SECONDS)
    lost = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=lost_since)
    for job in lost:
        _release_lost(job)
    waiting = Job.objects.filter(state=Job.State.QUEUED).filter(
        models.Q(sent_at__lt=stale_since) | models.Q(sent_at=None)
    )
    count = 0
    for job in waiting.order_by("created_at")[:1000]:
        Job.objects.filter(pk=job.pk).update(sent_at=now)
        nudge(job)
        count += 1
    return count


def _claim(job_id: str) -> Job | None:
    claim, now = uuid.uuid4(), timezone.now()
    claimed = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING,
        claim=claim,
        attempts=models.F("attempts") + 1,
        started_at=now,
        heartbeat_at=now,
    )
    return Job.objects.get(pk=job_id, claim=claim) if claimed else None


def _finish(job: Job, value: Any) -> None:
    with transaction.atomic(durable=True):
        held = _lock_claimed(job)
        result = handler_of(job.kind).store(held, value)
        end(held, Job.State.SUCCEEDED, result=result)


def _give_up(job: Job, state: str, reason: str) -> None:
    with transaction.atomic(durable=True):
        try:
            end(_lock_claimed(job), state, reason)
        except ClaimLost:
            log.warning("job claim lost", job=str(job.pk))


def _try_again_or_fail(job: Job, error: Exception) -> None:
    if job.attempts >= job.max_attempts:
        times = f"{job.attempts} times" if job.attempts > 1 else "once"
        _give_up(
            job,
            Job.State.FAILED,
            f"The work broke {times} with {type(error).__name__}; the server's log has the details.",
        )
        return
    Job.objects.filter(pk=job.pk, claim=job.claim).update(
        state=Job.State.QUEUED, claim=None, sent_at=timezone.now()
    )
    nudge(job)


def _release_lost(job: Job) -> None:
    if job.attempts >= job.max_attempts:
        _give_up(job, Job.State.FAILED, f"The worker disappeared {job.attempts} times.")
        return
    Job.objects.filter(pk=job.pk, claim=job.claim, heartbeat_at=job.heartbeat_at).update(
        state=Job.State.QUEUED, claim=None, sent_at=None
    )


def _lock_claimed(job: Job) -> Job:
    held = Job.objects.select_for_update(of=["self"]).get(pk=job.pk)
    if held.claim != job.claim:
        raise ClaimLost
    return held


class _Heartbeat:
    """Shows that the worker lives, from a thread, and writes the progress the work reports."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._stop = threading.Event()
        self._cancelled = threading.Event()
        self._latest: tuple[int, int, str] | None = None
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "_Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Notes how far the work is; raises Cancelled when somebody asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled
        self._latest = (int(done), int(total), text[:200])

    def _beat(self) -> None:
        try:
            while not self._stop.wait(settings.JOBS_HEARTBEAT_SECONDS / 2):
                self._write()
        finally:
            connection.close()

    def _write(self) -> None:
        try:
            changes: dict[str, Any] = {"heartbeat_at": timezone.now()}
            if self._latest:
                done, total, text = self._latest
                changes |= {
                    "progress_done": done,
                    "progress_total": total,
                    "progress_text": text,
                }
            mine = Job.objects.filter(pk=self._job.pk, claim=self._job.claim)
            if not mine.update(**changes):
                return
            if mine.filter(cancel_requested=True).exists():
                self._cancelled.set()
        except Exception:
            log.warning("heartbeat failed", job=str(self._job.pk), exc_info=True)
            connection.close()
