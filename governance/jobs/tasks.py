"""The Celery side of jobs; the row decides what happens."""

from celery import shared_task

from governance.jobs import runner


@shared_task(name="governance.jobs.tasks.run")
def run(job_id: str) -> None:
    runner.run(job_id)


@shared_task(name="governance.jobs.tasks.sweep", expires=10)
def sweep() -> None:
    runner.sweep()
