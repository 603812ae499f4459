"""A kind of job that takes its time and leaves one row, for workers that tests kill."""

import time

from django.db import connection

from governance.jobs import handlers

KIND = "toy.count"
STEP_SECONDS = 0.05


def work(job, progress) -> str:
    steps = max(1, round(job.arguments.get("seconds", 0) / STEP_SECONDS))
    for done in range(steps):
        progress(done, steps, f"Step {done} of {steps}")
        time.sleep(min(STEP_SECONDS, job.arguments.get("seconds", 0)))
    return str(job.pk)


def store(job, value: str) -> dict:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO toy_effect (job) VALUES (%s)", [value])
    return {"value": value}


def effects() -> list[str]:
    """Lists the jobs that have left a row, one entry a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT job FROM toy_effect")
        return [job for (job,) in cursor.fetchall()]


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS toy_effect")
        cursor.execute("CREATE TABLE toy_effect (job text)")


def drop_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE toy_effect")


handlers.register(KIND, title="Counting", work=work, store=store)
