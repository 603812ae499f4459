"""Connections in the browser: made once, started, and a failed look at an artifact told on its version."""

import pytest
from django.test import Client

from governance.connections import services
from governance.connections.models import Connection
from governance.jobs.models import Job
from tests.connections.factories import administrator, connection
from tests.registry import factories

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"name": "lab", "url": "https://mlflow.example.com", "secret": "hush-hush"}


def signed_in():
    client = Client()
    client.force_login(administrator())
    return client


def test_connection_is_made_and_its_secret_never_shown():
    root = signed_in()
    root.post("/connections/new/", FORM | {"for_registry": "on"})
    one = Connection.objects.get()
    assert (one.secret, one.for_registry, one.for_tracking) == ("hush-hush", True, False)
    page = root.get("/connections/").content.decode()
    assert "https://mlflow.example.com" in page
    assert "hush-hush" not in page
    again = root.post("/connections/new/", FORM)
    assert again.status_code == 422
    assert "There is a connection called lab already." in again.content.decode()
    assert "hush-hush" not in again.content.decode()


def test_import_is_started_and_followed():
    one = connection(for_registry=True)
    answer = signed_in().post(f"/connections/{one.pk}/import/")
    assert answer.url == Job.objects.get(kind=services.SYNC).get_absolute_url()


def test_version_tells_why_its_artifact_is_not_pinned():
    connection()
    version = factories.version(source="models:/m-1")
    Job.objects.filter(kind=services.PIN).update(state="failed", reason="lab: does not know.")
    page = signed_in().get(version.get_absolute_url()).content.decode()
    assert "lab: does not know." in page
