"""The acts on evaluations: asking for one, reporting one. Measuring is the job's (tasks.py)."""

import math
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Invalid, NotAllowed
from governance.evaluation import engine, sources
from governance.evaluation.asking import (
    QUEUE,
    file_name,
    period,
    plain_text,
    refuse_deleted,
    why_not,
)
from governance.evaluation.columns import TASKS, Columns
from governance.evaluation.models import Evaluation, Measurement
from governance.evaluation.reports import Report, reports
from governance.evaluation.signals import evaluated
from governance.jobs import services as jobs
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from registry.models import ModelVersion

if TYPE_CHECKING:
    from governance.accounts.models import User

MEASURE = "evaluation.measure"


def request_evaluation(
    version: ModelVersion,
    *,
    actor: "User",
    source: File | str,
    columns: dict,
    dataset_name: str,
    dataset_version: str = "",
    task: str = "binary",
    threshold: float = 0.5,
    parameters: dict | None = None,
    period_start: date | None = None,
    period_end: date | None = None,
) -> Evaluation:
    """Takes a file of predictions for a version and enqueues its measurement.

    `parameters` are those of the task: how many places of a ranking count (`depth`), at which
    quantile a forecast aims (`quantile`).

    Costs and what is favourable are copied from the use case as they stand now. What can be seen
    from the file's columns is refused at once; its rows are checked by the job.
    """
    mapped = Columns.from_mapping(columns, _task(task))
    asked = {
        "task": task,
        "parameters": _parameters(parameters or {}, task),
        "dataset_name": plain_text(dataset_name, "dataset_name", needed="Name the data set."),
        "dataset_version": plain_text(dataset_version, "dataset_version", longest=100),
        "threshold": _threshold(threshold),
        **period(period_start, period_end),
        "columns": mapped.as_json(),
    }
    use_case = use_case_of(version.model)
    with audit.refusals_recorded(Event.EVALUATION_REQUESTED, version, actor=actor):
        _check_may_request(version, actor)
        with _taken(source, mapped) as taken, transaction.atomic(durable=True):
            refuse_deleted(version, "evaluated")
            return _request(version, use_case, taken, actor=actor, asked=asked)


def report_measurements(
    version: ModelVersion,
    *,
    actor: "User",
    measurements: list[dict],
    dataset_name: str,
    dataset_version: str = "",
    measured_with: str = "",
    period_start: date | None = None,
    period_end: date | None = None,
) -> Evaluation:
    """Takes figures that were measured elsewhere, as a finished evaluation of their own kind.

    They are stored under the prefix “reported.” and marked as what the pipeline says; no rows stand
    behind them, so they are never paired with those of another version.
    """
    found = reports(measurements)
    asked = {
        "dataset_name": plain_text(dataset_name, "dataset_name", needed="Name the data set."),
        "dataset_version": plain_text(dataset_version, "dataset_version", longest=100),
        "source": plain_text(measured_with, "measured_with"),
        **period(period_start, period_end),
    }
    with audit.refusals_recorded(Event.EVALUATION_REQUESTED, version, actor=actor):
        _check_may_request(version, actor)
        with transaction.atomic(durable=True):
            refuse_deleted(version, "evaluated")
            return _report(version, found, actor=actor, asked=asked)


def _report(
    version: ModelVersion, found: list[Report], *, actor: "User", asked: dict[str, Any]
) -> Evaluation:
    number = uuid.uuid4()
    overall = [one.n for one in found if not one.slice_field]
    evaluation = Evaluation.objects.create(
        id=number,
        version=version,
        task=Evaluation.Task.REPORTED,
        source_kind=Evaluation.Source.REPORT,
        columns={},
        state=Evaluation.State.FINISHED,
        rows_digest=f"reported:{number}",
        rows=max(overall, default=None),
        created_by=actor,
        finished_at=timezone.now(),
        **asked,
    )
    Measurement.objects.bulk_create(
        [Measurement(evaluation=evaluation, **asdict(one)) for one in found]
    )
    audit.record(
        Event.EVALUATION_FINISHED,
        evaluation,
        actor=actor,
        version=version.label,
        figures=len(found),
        source=f"report: {evaluation.source}",
    )
    evaluated.send(Evaluation, evaluation=evaluation)
    return evaluation


def why_not_evaluate(version: ModelVersion, user: "User") -> list[str]:
    """Returns why the person may not hand in an evaluation of the version; empty when they may."""
    return why_not(version, user, "evaluate")


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
        task=evaluation.task,
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
        elif kind in sources.FETCHED:
            sources.check_address(kind, source)
            yield _Taken(number, kind, source, artifact=_artifact(number))
        elif kind == "table":
            sources.check_address(kind, source)
            yield _Taken(number, kind, source)
        else:
            spooled, digest = sources.spool(source, scratch)
            _check_columns(spooled, columns, scratch)
            artifact = sources.keep(spooled, _artifact(number))
            try:
                yield _Taken(number, kind, file_name(source), artifact, digest)
            except BaseException:
                default_storage.delete(artifact)
                raise


def _check_columns(file: Path, columns: Columns, scratch: Path) -> None:
    columns.check_against(engine.columns_of(file, scratch=scratch))


def _artifact(number: uuid.UUID) -> str:
    return f"predictions/{number}"


def _costs(use_case: UseCase | None) -> dict[str, Any]:
    if use_case is None or not use_case.has_costs:
        return {}
    return {**use_case.costs, "unit": use_case.cost_unit}


def _check_may_request(version: ModelVersion, actor: "User") -> None:
    if reasons := why_not(version, actor, "evaluate"):
        raise NotAllowed(f"You may not evaluate {version.label}. {reasons[0]}", reasons=reasons)


def _threshold(value: object) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1:
        raise Invalid("The threshold is a number from 0 to 1.", field="threshold")
    return number


def _task(value: object) -> str:
    if value not in TASKS:
        raise Invalid(f"The task is one of {', '.join(TASKS)}.", field="task")
    return value


def _parameters(asked: object, task: str) -> dict[str, float]:
    """Reads the parameters of the task; those of another task would be ignored, so are refused."""
    known = PARAMETERS.get(task, {})
    if not isinstance(asked, dict) or set(asked) - set(known):
        names = ", ".join(known) or "no parameters"
        raise Invalid(f"A {task} evaluation takes {names}.", field="parameters")
    return {name: known[name](value) for name, value in asked.items()}


def _depth(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise Invalid("The depth is a whole number from 1 to 1,000.", field="parameters.depth")
    return value


def _quantile(value: object) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not 0 < value < 1:
        raise Invalid("The quantile lies between 0 and 1.", field="parameters.quantile")
    return float(value)


PARAMETERS = {"ranking": {"depth": _depth}, "regression": {"quantile": _quantile}}
