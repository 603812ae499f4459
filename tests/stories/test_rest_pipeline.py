"""The example pipeline, run as its readers will: against a server, knowing nothing but its address."""

import runpy
import sys

import pytest
from django.conf import settings

from governance.approvals.models import Request
from governance.backtests.models import BackTest
from governance.blessing.models import Blessing
from governance.infra.queries import figures_of, latest_check
from governance.jobs import runner, services
from governance.policies.models import PolicyVersion
from governance.runtime import story

PIPELINE = settings.BASE_DIR / "docs" / "examples" / "credit_pipeline.py"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(live_server, monkeypatch, capsys):
    """Runs the pipeline against the live server, which does each job as soon as it is queued."""
    story.seed()
    monkeypatch.setattr(services, "nudge", lambda job: runner.run(str(job.pk)))
    monkeypatch.setenv("IMPRIMATUR_URL", live_server.url)
    monkeypatch.setattr(sys, "argv", [str(PIPELINE)])

    def run_as(username):
        monkeypatch.setenv("IMPRIMATUR_TOKEN", story.token_for(username))
        runpy.run_path(str(PIPELINE), run_name="__main__")
        return capsys.readouterr().out

    return run_as


def test_the_credit_pipeline_leaves_one_version_waiting_for_signatures(run):
    told = run("ada")

    verdicts = Blessing.objects.order_by("version__number").values_list("verdict", flat=True)
    request = Request.objects.get()
    assert list(verdicts[:3]) == ["not_blessed", "blessed_first", "blessed"]
    assert (request.version.number, request.state) == (3, "open")
    assert "cost beats rejecting everyone failed" in told
    assert "no winner at this size" in told
    assert "May champion move to v3? No." in told
    assert "Moving it anyway was refused:" in told
    check = latest_check(request.version)
    assert (check.state, check.artifact_digest) == ("passed", request.version.digest)
    assert 0 < figures_of(check)["latency_p95"] < 50
    assert "Infra check PASSED." in told
    assert "Golden rows: 100 golden rows, score: as stored" in told


def test_a_second_run_adds_versions_and_says_what_is_refused(run):
    run("ada")

    told = run("ada")

    assert "credit-scoring v8" in told
    assert Request.objects.count() == 2


def test_who_may_not_register_gets_the_reasons(run):
    with pytest.raises(SystemExit, match="You may not register models"):
        run("vi")


def test_the_policy_proposed_next_is_tried_on_what_the_pipeline_left(run):
    run("ada")

    story.propose()
    story.propose()

    version = PolicyVersion.objects.get(policy__name="credit-decisions", number=2)
    tried = BackTest.objects.get()
    assert (version.state, tried.policy_version) == ("review", version)
    assert tried.job.state == "succeeded"
    blocked = tried.lines.filter(direction="blocked")
    assert 2 in blocked.values_list("version__number", flat=True)
    assert all("four fifths" in line.sentence for line in blocked)
