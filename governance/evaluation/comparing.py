"""The acts on comparisons: asking for one, and the job that makes it; what differs is comparison.py."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict
from governance.evaluation.asking import QUEUE
from governance.evaluation.comparison import (
    PairedDifference,
    paired_differences,
    why_not_paired,
)
from governance.evaluation.models import Comparison, Evaluation
from governance.evaluation.reading import code_version
from governance.jobs import services as jobs
from governance.metrics.thresholds import Sensitivity, winner_changes

if TYPE_CHECKING:
    from governance.accounts.models import User
    from governance.jobs.handlers import Progress
    from governance.jobs.models import Job

COMPARE = "evaluation.compare"


def request_comparison(
    evaluation: Evaluation, other: Evaluation, *, actor: "User"
) -> Comparison:
    """Enqueues the comparison of two evaluations; what was asked before is given back as it is.

    Whoever sees both may ask: nothing is learned but how their figures differ.
    """
    if why_not := why_not_paired(evaluation, other):
        raise Conflict(why_not)
    with transaction.atomic(durable=True):
        # One lock on the first evaluation makes two who ask at once get the same comparison.
        Evaluation.objects.select_for_update(of=["self"]).get(pk=evaluation.pk)
        made = Comparison.objects.filter(evaluation=evaluation, other=other)
        if known := made.exclude(state=Comparison.State.FAILED).first():
            return known
        return _request(evaluation, other, actor)


def _request(evaluation: Evaluation, other: Evaluation, actor: "User") -> Comparison:
    comparison = Comparison(evaluation=evaluation, other=other, created_by=actor)
    comparison.job = jobs.enqueue(
        COMPARE,
        actor=actor,
        subject=comparison,
        model=evaluation.version.model,
        arguments={"comparison": str(comparison.pk)},
        queue=QUEUE,
    )
    comparison.save(force_insert=True)
    audit.record(
        Event.COMPARISON_REQUESTED,
        evaluation,
        actor=actor,
        version=evaluation.version.label,
        other=str(other),
    )
    return comparison


def work(job: "Job", progress: "Progress") -> list[PairedDifference]:
    """Reads both files; rows that cannot be paired end the job with the sentence that says why."""
    comparison = _found(job)
    return paired_differences(
        comparison.evaluation, comparison.other, slices=True, progress=progress
    )


def store(job: "Job", differences: list[PairedDifference]) -> dict:
    """Writes the differences, in the transaction that ends the job."""
    comparison = _locked(job)
    comparison.state, comparison.reason = Comparison.State.FINISHED, ""
    comparison.differences = [
        asdict(one) | {"told_apart": one.is_told_apart} for one in differences
    ]
    comparison.costs_sentence = _costs_sentence(comparison)
    comparison.code_version, comparison.finished_at = code_version(), timezone.now()
    comparison.save()
    audit.record(
        Event.COMPARISON_FINISHED,
        comparison.evaluation,
        actor=None,
        other=str(comparison.other),
        differences=len(differences),
    )
    return {"comparison": str(comparison.pk), "differences": len(differences)}


def fail(job: "Job", reason: str) -> None:
    comparison = _locked(job)
    comparison.state, comparison.reason = Comparison.State.FAILED, reason
    comparison.save(update_fields=["state", "reason"])


def _costs_sentence(comparison: Comparison) -> str:
    """Whether the cheaper of both depends on what a miss costs, from their stored tables."""
    tables = [
        next(iter(one.curves.filter(kind="sensitivity", slice="")), None)
        for one in (comparison.evaluation, comparison.other)
    ]
    if not all(tables):
        return ""
    return winner_changes(
        *([Sensitivity(**point) for point in table.points] for table in tables)
    )


def _found(job: "Job") -> Comparison:
    both = ("evaluation__version__model", "other__version__model")
    return Comparison.objects.select_related(*both).get(pk=job.arguments["comparison"])


def _locked(job: "Job") -> Comparison:
    return Comparison.objects.select_for_update(of=["self"]).get(pk=job.arguments["comparison"])
