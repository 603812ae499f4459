"""The job that measures: work reads the file and writes nothing, store writes everything at once."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.evaluation import engine, pushdown, sources, warehouses
from governance.evaluation.curves import Points
from governance.evaluation.models import Curve, Evaluation, Measurement
from governance.evaluation.reading import code_version, columns_of, opened, terms_of
from governance.evaluation.signals import evaluated
from governance.metrics.catalogue import BY_TASK, measure
from governance.metrics.metric import Terms
from governance.metrics.statistics import Estimate
from governance.metrics.tally import Tally

if TYPE_CHECKING:
    from governance.jobs.handlers import Progress
    from governance.jobs.models import Job


@dataclass(frozen=True)
class Figures:
    """The metrics of one slice; both names are empty for all rows."""

    task: str
    slice_field: str
    slice_value: str
    n: int
    positives: int | None
    metrics: dict[str, Estimate]


@dataclass(frozen=True)
class Measured:
    """All that one measurement found out, ready to be stored."""

    data_digest: str
    rows_digest: str
    rows: int
    positives: int | None
    ranking: str
    figures: list[Figures]
    curves: dict[str, Points]


def work(job: "Job", progress: "Progress") -> Measured:
    """Measures the file of the evaluation; a file that cannot be used ends in its sentence."""
    evaluation = Evaluation.objects.select_related("version__model").get(
        pk=job.arguments["evaluation"]
    )
    waiting = Evaluation.objects.filter(pk=evaluation.pk).exclude(state="finished")
    waiting.update(state=Evaluation.State.MEASURING, reason="")
    return _measured(evaluation, progress)


def _measured(evaluation: Evaluation, progress: "Progress") -> Measured:
    terms = terms_of(evaluation)
    from_table = evaluation.source_kind == Evaluation.Source.TABLE
    result, digest = (_of_table if from_table else _of_file)(evaluation, terms, progress)
    return Measured(
        data_digest=digest,
        rows_digest=result.rows_digest,
        rows=result.rows,
        positives=result.positives,
        ranking=result.ranking,
        figures=[_figures(group, terms) for group in (result.all_rows, *result.slices)],
        curves=result.curves,
    )


def _of_file(
    evaluation: Evaluation, terms: Terms, progress: "Progress"
) -> tuple[engine.Result, str]:
    with (
        sources.scratch_folder() as scratch,
        opened(evaluation, scratch, progress) as (file, digest),
    ):
        result = engine.measure(
            file,
            columns_of(evaluation),
            terms=terms,
            scratch=scratch,
            progress=progress,
            limits=engine.Limits(
                memory=settings.EVALUATION_MEMORY,
                threads=settings.EVALUATION_THREADS,
                most_rows=settings.EVALUATION_MAX_ROWS,
            ),
        )
    return result, digest


def _of_table(
    evaluation: Evaluation, terms: Terms, progress: "Progress"
) -> tuple[engine.Result, str]:
    name, table = warehouses.check(evaluation.source)
    with warehouses.connected(name) as warehouse:
        return pushdown.measure(
            warehouse, table, columns_of(evaluation), terms=terms, progress=progress
        )


def store(job: "Job", measured: Measured) -> dict:
    """Writes the measurements and tells who listens, in the transaction that ends the job."""
    evaluation = Evaluation.objects.select_for_update(of=["self"]).get(
        pk=job.arguments["evaluation"]
    )
    Measurement.objects.bulk_create(_measurements(evaluation, measured), batch_size=2000)
    Curve.objects.bulk_create(
        Curve(evaluation=evaluation, kind=kind, points=points)
        for kind, points in measured.curves.items()
    )
    evaluation.state, evaluation.reason = Evaluation.State.FINISHED, ""
    evaluation.data_digest, evaluation.rows_digest = measured.data_digest, measured.rows_digest
    evaluation.rows, evaluation.positives = measured.rows, measured.positives
    evaluation.ranking = measured.ranking
    evaluation.code_version, evaluation.finished_at = code_version(), timezone.now()
    evaluation.save()
    audit.record(
        Event.EVALUATION_FINISHED,
        evaluation,
        actor=None,
        rows=measured.rows,
        data_digest=measured.data_digest,
        rows_digest=measured.rows_digest,
    )
    evaluated.send(Evaluation, evaluation=evaluation)
    return {"evaluation": str(evaluation.pk), "rows": measured.rows}


def measured_anew(evaluation: Evaluation, *, like: Evaluation) -> list[Measurement]:
    """Measures the file again by another evaluation's costs, favourable outcome and slices.

    Nothing is stored; raises Invalid where the file cannot be measured so, or is gone.
    """
    asked = copy(evaluation)
    asked.costs, asked.favourable = like.costs, like.favourable
    asked.parameters = like.parameters
    asked.columns = evaluation.columns | {"slices": like.columns.get("slices", [])}
    return list(_measurements(asked, _measured(asked, lambda done, total, text: None)))


def fail(job: "Job", reason: str) -> None:
    """Marks the evaluation with the reason, in the transaction that ends the job."""
    evaluation = Evaluation.objects.select_for_update(of=["self"]).get(
        pk=job.arguments["evaluation"]
    )
    evaluation.state, evaluation.reason = Evaluation.State.FAILED, reason
    evaluation.save(update_fields=["state", "reason"])
    audit.record(Event.EVALUATION_FAILED, evaluation, actor=None, reason=reason)


def _figures(group: engine.Slice, terms: Terms) -> Figures:
    tally = group.tally
    positives = tally.positive_rows if isinstance(tally, Tally) else None
    metrics = measure(group.task, tally, terms)
    return Figures(group.task, group.field, group.value, tally.rows, positives, metrics)


def _measurements(evaluation: Evaluation, measured: Measured) -> Iterator[Measurement]:
    cost_unit = evaluation.costs.get("unit", "")
    for figures in measured.figures:
        facts = {metric.key: metric for metric in BY_TASK[figures.task]}
        for key, estimate in figures.metrics.items():
            metric, is_hidden = facts[key], estimate.method == "hidden"
            yield Measurement(
                evaluation=evaluation,
                metric=key,
                slice_field=figures.slice_field,
                slice_value=figures.slice_value,
                value=_kept(estimate.value),
                low=_kept(estimate.low),
                high=_kept(estimate.high),
                method=estimate.method,
                n=figures.n,
                positives=None if is_hidden else figures.positives,
                threshold=evaluation.threshold if metric.needs_threshold else None,
                unit=cost_unit if metric.is_cost else metric.unit,
                direction=metric.direction,
            )


def _kept(value: float | None) -> float | None:
    """Twelve digits: more would differ with the order in which sums were formed."""
    return None if value is None else float(f"{value:.12g}")
