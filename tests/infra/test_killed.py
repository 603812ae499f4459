"""A check whose worker is killed in the middle is finished once by the next; no child outlives its worker."""

from pathlib import Path

import pytest

from governance.audit.models import Entry
from governance.infra import running
from governance.jobs import services as jobs
from governance.jobs.models import Job
from tests.infra import models
from tests.infra.factories import outcomes, requested
from tests.jobs.conftest import worker as killable_worker
from tests.jobs.workers import swept
from tests.patience import soon

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="children are counted in /proc"),
]
worker = killable_worker


@pytest.fixture
def own_storage(worker, settings):
    """Uploads go to where the worker reads them."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": worker.home / "artifacts"},
        },
    }


def children():
    """The sandboxes that run now."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(running.SANDBOX).encode() in process.read_bytes():
                found.append(process.parent.name)
        except OSError:
            continue
    return found


def test_a_killed_check_is_finished_once_and_leaves_no_child(worker):
    before = set(children())
    check = requested(models.loop(4_000_000), seconds=60, same_within=0)
    job = Job.objects.filter(pk=check.job_id)
    assert soon(lambda: job.filter(state="running", progress_done__gt=0).exists())
    assert soon(lambda: set(children()) - before)

    worker.kill()

    assert soon(lambda: not set(children()) - before)
    check.refresh_from_db()
    assert (check.state, check.findings.count()) == ("running", 0)
    worker.start()

    assert swept(lambda: job.filter(state="succeeded").exists())
    check.refresh_from_db()
    assert (check.is_finished, job.get().attempts) == (True, 2)
    assert outcomes(check)["same"] == "pass"
    assert Entry.objects.filter(event="infra.checked").count() == 1


def test_a_cancelled_check_ends_its_child(worker):
    before = set(children())
    check = requested(models.loop(2**62), seconds=300)
    job = Job.objects.filter(pk=check.job_id)
    assert soon(lambda: set(children()) - before)

    jobs.cancel(job.get(), actor=check.created_by)

    assert soon(lambda: job.filter(state="cancelled").exists())
    assert soon(lambda: not set(children()) - before)
    check.refresh_from_db()
    assert (check.state, check.findings.count()) == ("not_possible", 0)
