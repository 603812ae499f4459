"""Reads over use cases for screens and for the packages above; changes nothing."""

from django.db.models import Count, Prefetch, QuerySet

from governance.usecases.models import Kpi, KpiObservation, UseCase
from governance.usecases.rules import CaseFacts
from governance.usecases.rules import case_gaps as gaps_in
from raci import queries as raci
from raci.models import Matrix
from registry.models import RegisteredModel


def use_case_of(model: RegisteredModel) -> UseCase | None:
    """The use case that governs the model; None while it is ungoverned. Uses what was joined to it."""
    if RegisteredModel.governed.is_cached(model):
        governed = getattr(model, "governed", None)
        return governed.use_case if governed else None
    return next(iter(UseCase.objects.order_by().filter(governed__model=model)), None)


def ungoverned(models: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
    return models.filter(governed=None)


def matrix_of(use_case: UseCase) -> Matrix:
    return Matrix.objects.get(scope=use_case.scope)


def kpi_series(kpi: Kpi) -> list[KpiObservation]:
    """The observations of a KPI in time, the latest correction of each period."""
    return list(_valid().filter(kpi=kpi))


def kpis_with_series(use_case: UseCase) -> QuerySet[Kpi]:
    """The KPIs with `series` on each: their valid observations in time, with two queries."""
    return use_case.kpis.prefetch_related(Prefetch("observations", _valid(), to_attr="series"))


def _valid() -> QuerySet[KpiObservation]:
    """One row a period, the one recorded last, in the order of time."""
    period = ("kpi_id", "period_end", "period_start")
    return KpiObservation.objects.order_by(*period, "-pk").distinct(*period)


def case_gaps(use_case: UseCase) -> list[str]:
    """What the one-page case lacks; offline performance is judged by the packages above."""
    matrix = matrix_of(use_case)
    counts = use_case.kpis.aggregate(
        kpis=Count("pk", distinct=True), observed=Count("observations__kpi", distinct=True)
    )
    return gaps_in(
        CaseFacts(
            need=use_case.need,
            positive_meaning=use_case.positive_meaning,
            has_costs=use_case.has_costs,
            kpis=counts["kpis"],
            observed_kpis=counts["observed"],
            requirements=[(one.title, one.state) for one in use_case.requirements.all()],
            models=len(use_case.governed.all()),
            unfilled_roles={role.code: role.title for role in raci.unfilled_roles(matrix)},
            raci_problems=[problem.sentence for problem in raci.problems(matrix)],
        )
    )
