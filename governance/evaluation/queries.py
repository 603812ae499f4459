"""Reads over evaluations for screens and for those who build on measurements; changes nothing."""

from django.db.models import Prefetch, QuerySet

from governance.evaluation.models import Comparison, Evaluation, Measurement
from registry.models import ModelVersion


def latest_evaluation(version: ModelVersion) -> Evaluation | None:
    """The newest finished evaluation of the version."""
    return Evaluation.objects.finished().filter(version=version).first()


def evaluations_of(version: ModelVersion) -> QuerySet[Evaluation]:
    """Evaluations of a version, newest first, with their overall figures in `overall`."""
    return (
        Evaluation.objects.filter(version=version)
        .select_related("created_by", "job")
        .prefetch_related(
            Prefetch("measurements", Measurement.objects.overall(), to_attr="overall")
        )
    )


def overall_figures(evaluation: Evaluation) -> dict[str, Measurement]:
    """The measurements over all rows by metric."""
    return {row.metric: row for row in evaluation.measurements.overall()}


def slice_figures(evaluation: Evaluation, metric: str) -> QuerySet[Measurement]:
    """One metric on every slice, in the order of the request and of the values."""
    return evaluation.measurements.filter(metric=metric).exclude(slice_field="")


def curve_points(evaluation: Evaluation) -> dict[str, list[dict]]:
    """The stored points of every chart by kind."""
    return dict(evaluation.curves.filter(slice="").values_list("kind", "points"))


def comparison_of(evaluation: Evaluation, other: Evaluation) -> Comparison | None:
    """The newest comparison of the two, whatever its state."""
    made = Comparison.objects.filter(evaluation=evaluation, other=other)
    return made.select_related("job", "created_by").first()
