"""Runs jobs under a real worker on a fresh embedded database and prints what happened as JSON."""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from governance.runtime import database

PAUSE_SECONDS = 0.13  # not in step with the worker's polling
KILL_EVERY_SECONDS = 2
LATENCY_JOBS = 50


def main(kill_jobs: int) -> None:
    with tempfile.TemporaryDirectory(prefix="imprimatur-bench-") as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ |= {
            "DEBUG": "true",
            "IMPRIMATUR_HOME": folder,
            "DJANGO_SETTINGS_MODULE": "tests.jobs.worker_settings",
            "LOG_LEVEL": "ERROR",
        }
        with database.available():
            import django

            django.setup()
            print(json.dumps(_figures(Path(folder), kill_jobs)))


def _figures(home: Path, kill_jobs: int) -> dict:
    from django.core.management import call_command

    from tests.jobs import toys, workers

    call_command("migrate", verbosity=0)
    toys.make_table()
    worker = workers.Worker(home / "worker")
    with workers.sending_to(worker.home):
        worker.start()
        try:
            return {"latency": _latency(), **_under_kills(worker, kill_jobs)}
        finally:
            worker.kill()


def _latency() -> dict:
    """Seconds from the row of a job to its start, one job at a time on an idle worker."""
    from governance.jobs import services
    from tests.jobs import toys
    from tests.patience import soon

    seconds = []
    for _ in range(LATENCY_JOBS):
        job = services.enqueue(toys.KIND, actor=None)
        assert soon(lambda job=job: job.refresh_from_db() or job.is_finished)
        seconds.append((job.started_at - job.created_at).total_seconds())
        time.sleep(PAUSE_SECONDS)
    return {
        "median": statistics.median(seconds),
        "p95": statistics.quantiles(seconds, n=20)[-1],
    }


def _under_kills(worker, number: int) -> dict:
    """Counts what a worker killed every two seconds loses and does twice."""
    from governance.jobs import services
    from governance.jobs.models import Job
    from tests.jobs import toys
    from tests.jobs.workers import swept

    jobs = {str(services.enqueue(toys.KIND, actor=None).pk) for _ in range(number)}
    unfinished = Job.objects.unfinished()
    kills, deadline = 0, time.monotonic() + number
    while unfinished.exists() and time.monotonic() < deadline:
        if not swept(lambda: not unfinished.exists(), KILL_EVERY_SECONDS):
            worker.kill()
            worker.start()
            kills += 1
    done = [job for job in toys.effects() if job in jobs]
    return {
        "lost": len(jobs) - len(set(done)),
        "doubled": len(done) - len(set(done)),
        "kills": kills,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
