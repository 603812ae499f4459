import re

import pytest

from governance.jobs.models import Job
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    ada = person("ada")
    client.force_login(ada)
    return ada


def test_running_work_names_its_progress_bar(client, ada):
    Job.objects.create(kind="evaluation.measure", created_by=ada, state="running")

    page = client.get("/jobs/").content.decode()

    assert re.search(r"<progress [^>]*aria-label=\"\w+", page)


def test_finished_work_says_so_once(client, ada):
    job = Job.objects.create(kind="evaluation.measure", created_by=ada, state="succeeded")

    page = client.get(job.get_absolute_url()).content.decode()

    assert re.sub(r"<[^>]+>", " ", page).count("Done") == 1


def test_failed_work_says_why(client, ada):
    job = Job.objects.create(
        kind="evaluation.measure", created_by=ada, state="failed", reason="No rows."
    )

    assert "No rows." in client.get(job.get_absolute_url()).content.decode()
