"""Who may ask, what may be asked, and what is kept for ever."""

import io
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from governance.audit.models import Entry
from governance.audit.wording import sentence
from governance.errors import Conflict, Invalid, NotAllowed
from governance.infra import services
from governance.infra.models import InfraCheck, InfraFinding
from governance.jobs import runner
from governance.jobs import services as jobs
from governance.jobs.models import Job
from governance.usecases import services as usecases
from registry import services as registry
from tests.accounts.factories import person
from tests.infra import models
from tests.infra.factories import checked, findings, requested, table, upload
from tests.registry.factories import version as registered_version

pytestmark = pytest.mark.django_db


def test_what_was_asked_is_kept_as_it_was_asked():
    check = requested(models.identity(), seconds=5, memory_mb=512, p95_ms=3, lowest=0)

    assert (check.state, check.job.kind, check.job.queue) == (
        "requested",
        "infra.check",
        "evaluation",
    )
    assert (check.seconds, check.memory_mb, check.p95_ms, check.lowest) == (5, 512, 3, 0)
    assert check.artifact["kind"] == "upload"
    assert check.artifact["digest"].startswith("sha256:")
    entry = Entry.objects.get(event="infra.requested")
    assert entry.data["artifact"] == "upload: model.onnx"


def test_only_who_made_an_ungoverned_model_has_it_checked():
    version = registered_version()

    with pytest.raises(NotAllowed, match="only who made it"):
        services.request_check(version, actor=person("cy"), artifact=upload(b"x"))

    assert Entry.objects.get(event="infra.requested").refused
    assert not InfraCheck.objects.exists()


def test_of_a_governed_model_those_have_it_checked_who_carry_the_blessing():
    bo, mo = person("bo"), person("mo")
    case = usecases.open_use_case(actor=bo, title="Credit", holders={"BO": [bo], "MO": [mo]})
    version = registered_version(digest="sha256:" + "0" * 64)
    usecases.adopt_model(case, version.model, actor=person("root", "administrator"))

    assert (
        "You need Responsible or Accountable for"
        in services.why_not_check(version, version.created_by)[0]
    )
    assert services.why_not_check(version, mo) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"seconds": 0}, "seconds"),
        ({"seconds": 601}, "seconds"),
        ({"seconds": 1.5}, "seconds"),
        ({"seconds": "soon"}, "seconds"),
        ({"memory_mb": 127}, "memory_mb"),
        ({"memory_mb": 1_000_000}, "memory_mb"),
        ({"p95_ms": -1}, "p95_ms"),
        ({"p95_ms": float("nan")}, "p95_ms"),
        ({"lowest": float("inf")}, "lowest"),
        ({"lowest": 2, "highest": 1}, "highest"),
        ({"same_within": -0.1}, "same_within"),
        ({"golden_within": "x"}, "golden_within"),
        ({"range_output": "a" * 201}, "range_output"),
        ({"range_output": "a\0"}, "range_output"),
        ({"expected": {"score": "p"}}, "expected"),
        ({"expected": ["score"], "golden": table({"a": [1]})}, "expected"),
        ({"expected": {"score": 1}, "golden": table({"a": [1]})}, "expected"),
        ({"artifact": ""}, "artifact"),
        ({"artifact": "/etc/passwd"}, "artifact"),
        ({"rows": "/etc/passwd"}, "rows"),
        ({"rows": "https://example.com/rows.csv"}, "rows"),
        ({"golden": "a\0b"}, "golden"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(asked, field, tmp_path):
    with pytest.raises(Invalid) as refused:
        requested(models.identity(), **asked)

    assert refused.value.field == field
    assert not InfraCheck.objects.exists()
    assert not [one for one in (tmp_path / "artifacts").rglob("*") if one.is_file()]


def test_a_deleted_version_is_not_checked():
    version = registered_version()
    registry.delete_version(version, actor=version.created_by)

    with pytest.raises(Conflict, match="was deleted"):
        requested(models.identity(), version=version)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (table({"a": []}), "has a header but no rows"),
        (upload(b"", "rows.csv"), "The file is empty."),
        (upload(b"PAR1 broken PAR1", "rows.parquet"), "cannot be read as Parquet"),
        (upload(b"\0\1\2", "rows.csv"), "neither Parquet nor CSV"),
    ],
)
def test_rows_that_cannot_be_read_end_the_check_with_their_sentence(sent, says):
    check = checked(models.identity(), rows=sent)

    assert check.state == "not_possible"
    assert says in check.reason == check.job.reason


def test_the_trail_tells_what_came_of_it():
    check = checked(models.not_a_number())

    entry = Entry.objects.get(event="infra.checked")
    assert entry.data["failed"] == ["finite"]
    assert sentence(entry) == (f"Infra check finished: {check.version.label}, failed (finite)")


def test_a_cancelled_check_can_be_started_again():
    check = requested(models.identity())
    jobs.cancel(check.job, actor=check.created_by)
    check.refresh_from_db()
    assert (check.state, check.reason[:9]) == ("not_possible", "Cancelled")
    assert not check.is_finished

    jobs.retry(check.job, actor=check.created_by)
    runner.run(str(check.job_id))

    check.refresh_from_db()
    assert (check.state, check.reason) == ("passed", "")


def test_uploads_of_a_check_that_never_ended_are_removed_after_a_week(tmp_path, monkeypatch):
    check = requested(models.identity(), rows=table({"a": [1]}))
    jobs.cancel(check.job, actor=check.created_by)

    def kept():
        return [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]

    assert (services.forget_abandoned(), len(kept())) == (0, 2)
    monkeypatch.setattr(services, "ABANDONED_AFTER", timedelta(0))
    assert (services.forget_abandoned(), kept()) == (1, [])
    jobs.retry(check.job, actor=check.created_by)
    runner.run(str(check.job_id))

    check.refresh_from_db()
    assert (check.state, check.reason) == (
        "not_possible",
        "The uploaded rows are no longer here.",
    )


def test_a_doubled_message_checks_once():
    check = checked(models.identity())

    runner.run(str(check.job_id))

    assert Job.objects.get(pk=check.job_id).attempts == 1
    assert len(findings(check)) == check.findings.count() == 12


@pytest.mark.parametrize(
    "change",
    [
        lambda c: InfraCheck.objects.filter(pk=c.pk).update(state="failed"),
        lambda c: InfraCheck.objects.filter(pk=c.pk).update(artifact={}),
        lambda c: InfraCheck.objects.filter(pk=c.pk).delete(),
        lambda c: InfraFinding.objects.filter(check_made=c).update(outcome="fail"),
        lambda c: InfraFinding.objects.filter(check_made=c)._raw_delete("default"),
    ],
)
def test_postgresql_refuses_to_change_what_was_found(change):
    check = checked(models.identity())

    with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
        change(check)

    check.refresh_from_db()
    assert check.state == "passed"


def test_what_was_asked_never_changes():
    check = requested(models.identity())

    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        InfraCheck.objects.filter(pk=check.pk).update(seconds=600)


def test_only_those_who_see_the_model_see_its_checks():
    check = requested(models.identity())

    assert not InfraCheck.objects.visible_to(person("cy")).exists()
    for one in (check.created_by, person("vi", "auditor")):
        assert InfraCheck.objects.visible_to(one).exists()


def parquet(frame):
    written = io.BytesIO()
    pd.DataFrame(frame).to_parquet(written, index=False)
    return upload(written.getvalue(), "rows.parquet")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (table({"a": ["x" * 501], "b": [1]}), "Column “a” holds text of more than 500"),
        (table({"a": ["inf", "1"]}), "Column “a” holds infinite numbers"),
        (parquet({"a": [[1, 2]]}), "Column “a” holds neither numbers nor text"),
        (parquet({"a": [b"bytes"]}), "Column “a” holds neither numbers nor text"),
        (parquet({"a": ["y" * 10_000_000]}), "Column “a” holds text of more than 500"),
    ],
)
def test_rows_that_no_model_takes_are_named(sent, says):
    check = checked(models.identity(), rows=sent)

    assert (check.state, says in check.reason) == ("not_possible", True), check.reason


def test_parquet_fills_a_model_as_csv_does():
    rows = {"purpose": ["car", None], "amount": [1, 2]}

    check = checked(models.by_columns(), rows=parquet(rows))

    assert (check.state, findings(check)["schema"].value) == ("passed", 2)


def test_wide_rows_are_taken_in_smaller_number():
    wide = parquet({f"c{at}": np.arange(900, dtype=np.float32) for at in range(1_000)})

    check = checked(models.identity(), rows=wide)

    assert "the rows have 1000 columns" in findings(check)["schema"].sentence
