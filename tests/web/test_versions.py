"""The page of a version: what it is made of, as pinned and as last looked at."""

import pytest

from registry import services
from tests.accounts.factories import person
from tests.registry import factories

pytestmark = pytest.mark.django_db
CHANGED = "sha256:" + "b" * 64


@pytest.fixture
def page(client):
    ada = person("ada")
    version = factories.version(owner=ada, source="models:/m-1")
    client.force_login(ada)

    def read():
        return client.get(version.get_absolute_url()).content.decode()

    read.version = version
    return read


def pin(version):
    services.pin_artifact(
        version,
        actor=None,
        location="mlflow-artifacts://tracking/1",
        files=[{"path": "MLmodel", "size": 5, "sha256": "a" * 64}],
        run_id="r-1",
        run_link="https://tracking/runs/r-1",
        metrics={"auc": 0.8},
        parameters={"C": "<script>"},
    )


def test_pinned_artifact_is_shown_with_its_run(page):
    pin(page.version)
    html = page()
    assert "mlflow-artifacts://tracking/1" in html
    assert 'href="https://tracking/runs/r-1"' in html
    assert "reported by the pipeline" in html
    assert "C = &lt;script&gt;" in html


def test_artifact_found_changed_is_said(page):
    pin(page.version)
    services.record_check(page.version, digest=CHANGED)
    assert "its digest is" in page()
    assert CHANGED in page()


def test_unreadable_artifact_is_said(page):
    pin(page.version)
    services.record_check(page.version, problem="The tracking server was away.")
    assert "The tracking server was away." in page()


def test_version_without_a_pin_says_nothing_of_it(page):
    assert "Pinned at" not in page()


def test_version_registered_twice_in_a_row_is_said(page, client):
    again = factories.version(page.version.model, source="models:/m-1")
    html = client.get(again.get_absolute_url()).content.decode()
    assert "perhaps a call repeated" in html
    assert "perhaps a call repeated" not in page()
