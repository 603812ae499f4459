"""The tab “Infra check” of a version: ask with a form, follow, read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.infra.models import InfraCheck
from governance.jobs import runner
from tests.accounts.factories import person
from tests.infra import models
from tests.infra.factories import checked, digest, requested
from tests.registry.factories import version as registered_version

pytestmark = pytest.mark.django_db
TAB = "/models/credit-scoring/versions/1/infra/"


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    """Uploads of a test go to a folder of its own."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "artifacts"},
        },
    }


def signed_in(client, made):
    """The client of Ada, after she has made something (which gives her a new password)."""
    client.force_login(made.created_by)
    return client


def form(**changes):
    sent = SimpleUploadedFile("model.onnx", models.identity())
    return {"artifact": sent, "seconds": 20, "memory_mb": 512} | changes


def test_a_version_that_was_never_tried_says_how(client):
    ada = signed_in(client, registered_version())

    page = ada.get(TAB).content.decode()

    assert "Not tried yet" in page
    assert 'enctype="multipart/form-data"' in page


def test_a_check_is_asked_for_followed_and_read(client):
    ada = signed_in(client, registered_version(digest=digest(models.identity())))

    asked = ada.post(f"{TAB}request/", form(lowest="-100", highest="100", p95_ms="50"))

    check = InfraCheck.objects.get()
    assert (asked.status_code, asked.url) == (302, check.get_absolute_url())
    assert (check.lowest, check.highest, check.p95_ms, check.seconds) == (-100, 100, 50, 20)
    waiting = ada.get(asked.url).content.decode()
    assert "every 2s" in waiting
    assert "Waiting for a worker." in waiting

    runner.run(str(check.job_id))

    page = ada.get(asked.url).content.decode()
    assert "every 2s" not in page
    assert "Latency of one row, p95" in page
    assert "CPUExecutionProvider" in page
    assert page.count("state-good") >= 9


def test_zero_is_a_limit_and_not_an_empty_field(client):
    ada = signed_in(client, registered_version(digest=digest(models.identity())))

    ada.post(f"{TAB}request/", form(lowest="0"))

    assert InfraCheck.objects.get().lowest == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"artifact": ""}, "Send the artifact"),
        ({"seconds": "0"}, "greater than or equal to 1"),
        ({"seconds": "9999"}, "A whole number from 1 to 600."),
        ({"lowest": "1", "highest": "0"}, "The range ends before it starts."),
        ({"p95_ms": "nan"}, "Enter a number"),
    ],
)
def test_a_form_that_cannot_be_used_comes_back_with_its_sentence(client, changes, says):
    ada = signed_in(client, registered_version())

    answer = ada.post(f"{TAB}request/", form(**changes))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not InfraCheck.objects.exists()


def test_who_may_not_ask_reads_why_instead_of_a_form(client):
    check = checked(models.identity())
    client.force_login(person("vi", "auditor"))

    page = client.get(check.get_absolute_url()).content.decode()

    assert "only who made it or this version may check it" in page
    assert '<form method="post" enctype' not in page
    assert "Every value is a finite number." in page


def test_a_form_longer_than_any_file_is_refused_before_it_is_stored(client, settings):
    ada = signed_in(client, registered_version())
    settings.INFRA_MAX_BYTES = settings.EVALUATION_MAX_BYTES = 10
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = ada.post(f"{TAB}request/", form(rows=SimpleUploadedFile("r.csv", b"a" * 1000)))

    assert answer.status_code == 400
    assert not InfraCheck.objects.exists()


def test_the_page_of_the_version_tells_how_its_last_check_ended(client):
    check = checked(models.identity())
    ada = signed_in(client, check)

    page = ada.get(check.version.get_absolute_url()).content.decode()

    assert f'<a href="{check.get_absolute_url()}">' in page
    assert "Passed" in page


def test_names_in_a_model_are_shown_as_text(client):
    content = models.renamed("<script>alert(1)</script>")
    ada = signed_in(client, registered_version(digest=digest(content)))
    ada.post(f"{TAB}request/", form(artifact=SimpleUploadedFile("m.onnx", content)))
    runner.run(str(InfraCheck.objects.get().job_id))

    page = ada.get(TAB).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_a_check_that_ended_without_findings_leads_to_its_job(client):
    check = requested(models.identity(), rows=SimpleUploadedFile("rows.csv", b""))
    runner.run(str(check.job_id))
    ada = signed_in(client, check)

    page = ada.get(TAB).content.decode()

    assert "The file is empty." in page
    assert check.job.get_absolute_url() in page
