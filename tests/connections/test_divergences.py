"""Who is told when another registry serves what nobody cleared, and which artifacts are looked at."""

from datetime import timedelta

import pytest
from django.core import mail

from governance.audit.models import Entry
from governance.connections import divergences, services
from governance.connections.models import Divergence
from governance.jobs.models import Job
from governance.notifications.models import Notification
from governance.notifications.services import send_waiting
from governance.release import services as release
from registry import services as registry
from tests.connections.factories import connection
from tests.registry import factories
from tests.release.factories import cleared, person

pytestmark = pytest.mark.django_db(transaction=True)


def seen(one, version):
    return divergences.see(
        one,
        version.model,
        Divergence.Kind.POINTER,
        f"At lab, champion points to {version.label}, which is not cleared here.",
        version=version,
        pointer_kind="alias",
        pointer="champion",
        reasons=["It has no clearance."],
    )


@pytest.fixture(autouse=True)
def real_gate(settings):
    settings.REGISTRY_ALIAS_GATE = "governance.release.gate.ReleaseGate"


def test_accountable_is_mailed_once_and_the_trail_knows():
    version = cleared().version
    other = factories.version(version.model, source="s3://models/2")
    one = connection(for_registry=True)
    first = seen(one, other)
    assert seen(one, other) == first
    told = Notification.objects.filter(kind="registry_diverged")
    assert [row.user for row in told] == [person("bo")]
    assert first.state == "mailed"
    mail.outbox.clear()
    send_waiting()
    letter = next(one for one in mail.outbox if "Without clearance" in one.subject)
    assert "It has no clearance." in letter.body
    assert Entry.objects.filter(event="connections.divergence.seen").count() == 1


def test_moving_back_is_asked_for_only_where_something_cleared_serves():
    version = cleared().version
    other = factories.version(version.model, source="s3://models/2")
    one = connection(for_registry=True, move_back=True)
    seen(one, other)
    assert not Job.objects.filter(kind=services.MOVE_BACK).exists()
    registry.set_alias(version.model, "champion", version, actor=person("olu"))
    assert divergences.cleared_target(seen(one, other)) == version
    assert Job.objects.filter(kind=services.MOVE_BACK).count() == 1


def test_cleared_artifacts_are_due_once_a_day(monkeypatch):
    version = cleared().version
    spare = factories.version(version.model, source="s3://models/2")
    for number, pinned in enumerate((version, spare)):
        registry.pin_artifact(
            pinned,
            actor=None,
            location=f"https://mlflow.example.com/{number}",
            digest="sha256:" + "a" * 64,
        )
    assert release.check_artifacts() == 0
    monkeypatch.setattr(services, "CHECK_AGAIN_AFTER", timedelta(0))
    assert release.check_artifacts() == 1
    looks = Job.objects.filter(kind=services.CHECK)
    assert [job.subject_id for job in looks] == [str(version.pk)]
    release.check_artifacts()
    assert looks.count() == 1
