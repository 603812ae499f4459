"""The act on infra checks: asking for one. Trying the model is the job's (tasks.py)."""

import math
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Invalid, NotAllowed
from governance.evaluation import sources
from governance.evaluation.asking import QUEUE, file_name, plain_text, refuse_deleted, why_not
from governance.infra import places
from governance.infra.models import InfraCheck
from governance.jobs import services as jobs
from registry.models import Artifact, ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

CHECK = "infra.check"
SECONDS, MEMORY_MB = 60, 1024
LEAST_MEMORY_MB = 128
MOST_EXPECTED = 50
# How long a check that was cancelled or broke may be started again with what was uploaded for it.
ABANDONED_AFTER = timedelta(days=7)
LOOKED_BACK = timedelta(days=7)


def request_check(
    version: ModelVersion,
    *,
    actor: "User",
    artifact: File | str = "",
    rows: File | str = "",
    golden: File | str = "",
    expected: Mapping[str, str] | None = None,
    seconds: int = SECONDS,
    memory_mb: int = MEMORY_MB,
    p95_ms: float | None = None,
    lowest: float | None = None,
    highest: float | None = None,
    range_output: str = "",
    same_within: float = 0.0,
    golden_within: float = 1e-6,
) -> InfraCheck:
    """Takes an artifact and enqueues its trial.

    The artifact is an upload (a file, or a folder as .zip), a path that is open, or nothing: then
    it is fetched from where the registry pinned it. Rows and golden rows are CSV or Parquet.
    """
    asked = {
        "expected": _expected(expected, has_golden=bool(golden)),
        "seconds": _whole(seconds, "seconds", 1, settings.INFRA_MAX_SECONDS),
        "memory_mb": _whole(
            memory_mb, "memory_mb", LEAST_MEMORY_MB, settings.INFRA_MAX_MEMORY_MB
        ),
        "p95_ms": _number(p95_ms, "p95_ms", least=0),
        "lowest": _number(lowest, "lowest"),
        "highest": _number(highest, "highest"),
        "range_output": plain_text(range_output, "range_output"),
        "same_within": _number(same_within, "same_within", least=0) or 0.0,
        "golden_within": _number(golden_within, "golden_within", least=0) or 0.0,
    }
    _check_range(asked["lowest"], asked["highest"])
    with audit.refusals_recorded(Event.INFRA_CHECK_REQUESTED, version, actor=actor):
        if reasons := why_not_check(version, actor):
            raise NotAllowed(
                f"You may not check {version.label}. {reasons[0]}", reasons=reasons
            )
        with ExitStack() as taken:
            files = {
                "artifact": taken.enter_context(_artifact(artifact, version)),
                "rows": taken.enter_context(_rows(rows, "rows")),
                "golden": taken.enter_context(_rows(golden, "golden")),
            }
            with transaction.atomic(durable=True):
                refuse_deleted(version, "checked")
                return _request(version, actor=actor, asked=asked | files)


def why_not_check(version: ModelVersion, user: "User") -> list[str]:
    """Returns why the person may not have the version checked; empty when they may."""
    return why_not(version, user, "check")


def forget_abandoned() -> int:
    """Removes uploads of checks that ended without a result and were not started again; returns of how many."""
    now = timezone.now()
    ended = {"job__finished_at__lt": now - ABANDONED_AFTER}
    looked_at = {"job__finished_at__gt": now - ABANDONED_AFTER - LOOKED_BACK}
    left = InfraCheck.objects.filter(finished_at=None, **ended, **looked_at)
    for check in left:
        places.forget(check.artifact, check.rows, check.golden)
    return len(left)


def is_fetchable(version: ModelVersion) -> bool:
    """Whether the artifact may be left out: this server has read the pinned files, so it can again."""
    read = Artifact.objects.filter(version=version).exclude(files=[])
    return places.fetcher() is not None and read.exists()


def _request(version: ModelVersion, *, actor: "User", asked: dict[str, Any]) -> InfraCheck:
    check = InfraCheck(version=version, created_by=actor, **asked)
    check.job = jobs.enqueue(
        CHECK,
        actor=actor,
        subject=check,
        model=version.model,
        arguments={"check": str(check.pk)},
        queue=QUEUE,
    )
    check.save(force_insert=True)
    audit.record(
        Event.INFRA_CHECK_REQUESTED,
        check,
        actor=actor,
        version=version.label,
        artifact=_told(check.artifact),
        rows=_told(check.rows),
        golden=_told(check.golden),
        seconds=check.seconds,
        memory_mb=check.memory_mb,
        p95_ms=check.p95_ms,
    )
    return check


@contextmanager
def _artifact(source: File | str, version: ModelVersion) -> Iterator[dict[str, str]]:
    """Looks at the source before anything is written; an upload that is refused later is removed."""
    if isinstance(source, File):
        with _kept(source, "artifact", most=settings.INFRA_MAX_BYTES) as kept:
            yield kept
    elif source:
        named = plain_text(source, "artifact", longest=sources.LONGEST_SOURCE)
        places.resolved(named)
        yield _named(places.FOLDER, named)
    elif is_fetchable(version):
        yield _named(places.PINNED, version.artifact.location)
    else:
        raise Invalid(
            "Send the artifact: an ONNX file, or the model's folder as .zip; the registry knows "
            "only its digest.",
            field="artifact",
        )


@contextmanager
def _rows(source: File | str, field: str) -> Iterator[dict[str, str]]:
    if not source:
        yield {}
    elif isinstance(source, File):
        with _kept(source, field, most=settings.EVALUATION_MAX_BYTES) as kept:
            yield kept
    else:
        yield _named(places.FOLDER, str(_named_rows(source, field)))


def _named_rows(source: object, field: str) -> str:
    try:
        if sources.kind_of(source) == "path":
            sources.resolved_path(source)
            return source
    except Invalid as error:
        raise Invalid(error.sentence, field=field) from None
    raise Invalid("Upload the rows, or name a file on the server.", field=field)


@contextmanager
def _kept(upload: File, field: str, *, most: int) -> Iterator[dict[str, str]]:
    if (upload.size or 0) > most:
        raise Invalid(
            f"The file is larger than the {most:,} bytes this server accepts.",
            code="too_large",
            field=field,
        )
    with sources.scratch_folder() as scratch:
        spooled, digest = sources.spool(upload, scratch)
        stored = sources.keep(spooled, f"infra/{uuid.uuid4()}")
    try:
        yield _named(places.UPLOAD, file_name(upload), stored, digest)
    except BaseException:
        default_storage.delete(stored)
        raise


def _named(kind: str, source: str, stored: str = "", digest: str = "") -> dict[str, str]:
    return {"kind": kind, "source": source, "stored": stored, "digest": digest}


def _told(file: dict[str, str]) -> str:
    return f"{file['kind']}: {file['source']}" if file else ""


def _expected(given: object, *, has_golden: bool) -> dict[str, str]:
    if not given:
        return {}
    is_mapping = isinstance(given, Mapping) and all(
        isinstance(key, str) and isinstance(value, str) and key and value
        for key, value in given.items()
    )
    if not is_mapping or len(given) > MOST_EXPECTED:
        raise Invalid(
            "Lead from columns of the golden rows to outputs, such as "
            '{"score": "probabilities[1]"}.',
            field="expected",
        )
    if not has_golden:
        raise Invalid("Without golden rows nothing is expected.", field="expected")
    return {
        plain_text(key, "expected"): plain_text(value, "expected")
        for key, value in given.items()
    }


def _whole(value: object, field: str, least: int, most: int) -> int:
    number = _number(value, field)
    if number is None or number != int(number) or not least <= number <= most:
        raise Invalid(f"A whole number from {least} to {most}.", field=field)
    return int(number)


def _number(value: object, field: str, *, least: float | None = None) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or (least is not None and number < least):
        floor = "" if least is None else f" not below {least:g}"
        raise Invalid(f"This is a number{floor}.", field=field)
    return number


def _check_range(low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        raise Invalid("The range ends before it starts.", field="highest")
