"""The act on evaluations: asking for one. Measuring is the job's (tasks.py)."""

import math
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.evaluation import engine, sources
from governance.evaluation.columns import Columns
from governance.evaluation.models import Evaluation
from governance.evaluation.rules import ACTIVITY, Asker, why_not_request
from governance.jobs import services as jobs
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

MEASURE = "evaluation.measure"
QUEUE = "evaluation"


def request_evaluation(
    version: ModelVersion,
    *,
    actor: "User",
    source: File | str,
    columns: dict,
    dataset_name: str,
    dataset_version: str = "",
    threshold: float = 0.5,
    period_start: date | None = None,
    period_end: date | None = None,
) -> Evaluation:
    """Takes a file of predictions for a version and enqueues its measurement.

    Costs and what is favourable are copied from the use case as they stand now. What can be seen
    from the file's columns is refused at once; its rows are checked by the job.
    """
    mapped = Columns.from_mapping(columns)
    asked = {
        "dataset_name": _text(dataset_name, "dataset_name", longest=200, needed=True),
        "dataset_version": _text(dataset_version, "dataset_version", longest=100),
        "threshold": _threshold(threshold),
        "period_start": period_start,
        "period_end": period_end,
        "columns": mapped.as_json(),
    }
    _check_period(period_start, period_end)
    use_case = use_case_of(version.model)
    with audit.refusals_recorded(Event.EVALUATION_REQUESTED, version, actor=actor):
        _check_may_request(version, use_case, actor)
        with _taken(source, mapped) as taken, transaction.atomic(durable=True):
            live = ModelVersion.objects.select_for_update(of=["self"]).get(pk=version.pk)
            if live.is_deleted or live.model.is_deleted:
                raise Conflict(f"{version.label} was deleted; it can no longer be evaluated.")
            return _request(version, use_case, taken, actor=actor, asked=asked)


def why_not_evaluate(version: ModelVersion, user: "User") -> list[str]:
    """Returns why the person may not hand in an evaluation of the version; empty when they may."""
    return _reasons(version, use_case_of(version.model), user)


@dataclass(frozen=True)
class _Taken:
    """A source that was looked at: where it is, where its copy is kept, its digest if known."""

    id: uuid.UUID
    kind: str
    source: str
    artifact: str = ""
    digest: str = ""


def _request(
    version: ModelVersion,
    use_case: UseCase | None,
    taken: _Taken,
    *,
    actor: "User",
    asked: dict[str, Any],
) -> Evaluation:
    evaluation = Evaluation(
        id=taken.id,
        version=version,
        source_kind=taken.kind,
        source=taken.source,
        artifact=taken.artifact,
        data_digest=taken.digest,
        costs=_costs(use_case),
        created_by=actor,
        **asked,
    )
    if use_case:
        evaluation.favourable = use_case.favourable_outcome
    evaluation.job = jobs.enqueue(
        MEASURE,
        actor=actor,
        subject=evaluation,
        model=version.model,
        arguments={"evaluation": str(evaluation.pk)},
        queue=QUEUE,
    )
    evaluation.save(force_insert=True)
    audit.record(
        Event.EVALUATION_REQUESTED,
        evaluation,
        actor=actor,
        version=version.label,
        source=f"{taken.kind}: {taken.source}",
        data_digest=taken.digest,
        threshold=evaluation.threshold,
        columns=evaluation.columns,
    )
    return evaluation


@contextmanager
def _taken(source: File | str, columns: Columns) -> Iterator[_Taken]:
    """Looks at the source before anything is written; an upload that is refused later is removed."""
    kind, number = sources.kind_of(source), uuid.uuid4()
    with sources.scratch_folder() as scratch:
        if kind == "path":
            file = sources.resolved_path(source)
            _check_columns(file, columns, scratch)
            yield _Taken(number, kind, source)
        elif kind == "url":
            sources.check_url(source)
            yield _Taken(number, kind, source, artifact=_artifact(number))
        else:
            spooled, digest = sources.spool(source, scratch)
            _check_columns(spooled, columns, scratch)
            artifact = sources.keep(spooled, _artifact(number))
            try:
                yield _Taken(number, kind, _file_name(source), artifact, digest)
            except BaseException:
                default_storage.delete(artifact)
                raise


def _check_columns(file: Path, columns: Columns, scratch: Path) -> None:
    columns.check_against(engine.columns_of(file, scratch=scratch))


def _artifact(number: uuid.UUID) -> str:
    return f"predictions/{number}"


def _file_name(upload: File) -> str:
    return (upload.name or "upload").rsplit("/", 1)[-1][:200]


def _costs(use_case: UseCase | None) -> dict[str, Any]:
    if use_case is None or not use_case.has_costs:
        return {}
    return {**use_case.costs, "unit": use_case.cost_unit}


def _check_may_request(version: ModelVersion, use_case: UseCase | None, actor: "User") -> None:
    if reasons := _reasons(version, use_case, actor):
        raise NotAllowed(f"You may not evaluate {version.label}. {reasons[0]}", reasons=reasons)


def _reasons(version: ModelVersion, use_case: UseCase | None, user: "User") -> list[str]:
    scope = use_case.scope if use_case else ""
    makers = {version.created_by_id, version.model.created_by_id}
    return why_not_request(
        Asker(
            activity_title=raci.activity_title(scope, ACTIVITY) if scope else "",
            carries_activity=bool(scope)
            and any(raci.duty_of(user, scope, ACTIVITY, duty) for duty in "RA"),
            made_version_or_model=user.pk in makers,
        )
    )


def _text(value: object, field: str, *, longest: int, needed: bool = False) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if needed and not text:
        raise Invalid("Name the data set.", field=field)
    if len(text) > longest:
        raise Invalid(f"At most {longest} characters.", field=field)
    if "\0" in text:
        raise Invalid("This text has characters that cannot be kept.", field=field)
    return text


def _threshold(value: object) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1:
        raise Invalid("The threshold is a number from 0 to 1.", field="threshold")
    return number


def _check_period(start: date | None, end: date | None) -> None:
    if start and end and start > end:
        raise Invalid("The period ends before it starts.", field="period_end")
