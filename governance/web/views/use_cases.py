"""Use cases: the one-page case, and KPI and metric on one time axis."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from governance.audit.models import Entry
from governance.blessing.queries import latest_of_each
from governance.blessing.verdicts import Verdict
from governance.dashboards import use_case as figures
from governance.exceptions.queries import by_version, in_force_of
from governance.policies.queries import coverage
from governance.usecases import queries, services
from governance.usecases.models import UseCase
from governance.web.charts import kpi_charts
from governance.web.errors import told
from governance.web.forms.use_cases import OpenForm
from raci.models import Holder
from registry.models import ModelVersion

TRAIL = 15


@login_required
def use_cases(request: HttpRequest) -> HttpResponse:
    """Lists the use cases this person may see."""
    rows = (
        UseCase.objects.visible_to(request.user)
        .annotate(
            models_count=Count("governed", distinct=True),
            kpis_count=Count("kpis", distinct=True),
        )
        .order_by("tier", "title")
    )
    context = {"use_cases": rows, "may_open": request.user.has_perm("usecases.add_usecase")}
    return render(request, "use_cases/page.html", context)


@login_required
def open_use_case(request: HttpRequest) -> HttpResponse:
    """Opens a use case; whoever opens it becomes its business owner."""
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(form):
            return redirect(services.open_use_case(actor=request.user, **form.cleaned_data))
    status = 422 if request.method == "POST" else 200
    return render(request, "use_cases/open.html", {"form": form}, status=status)


@login_required
def use_case(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows the case: answer first, then KPI beside metric, then what it rests on."""
    visible = UseCase.objects.visible_to(request.user)
    found = get_object_or_404(visible.prefetch_related("requirements", "governed"), slug=slug)
    metric = request.GET.get("metric", "auc")
    if metric not in figures.METRICS:
        metric = "auc"
    kpis = list(queries.kpis_with_series(found))
    points = figures.metric_points(found, metric)
    versions = ModelVersion.objects.filter(
        model__governed__use_case=found, deleted_at=None
    ).select_related("model")
    context = {
        "use_case": found,
        "gaps": queries.case_gaps(found),
        "kpis": kpis,
        "charts": kpi_charts(kpis, points, figures.METRICS[metric]),
        "metric": metric,
        "metrics": figures.METRICS,
        "requirements": found.requirements.all(),
        "versions": _with_verdicts(versions),
        "policies": coverage([found]),
        "holders": _holders(found),
        "entries": Entry.objects.about(found)[:TRAIL],
        "costs": found.costs,
    }
    return render(request, "use_cases/use_case.html", context)


def _with_verdicts(versions: QuerySet[ModelVersion]) -> list[dict]:
    verdicts = {blessing.version_id: blessing for blessing in latest_of_each(versions)}
    excepting = (one.verdict == Verdict.BLESSED_WITH_EXCEPTION for one in verdicts.values())
    excepted = by_version(in_force_of(versions)) if any(excepting) else {}
    return [
        {
            "version": version,
            "blessing": verdicts.get(version.pk),
            "exceptions": excepted.get(version.pk, []),
        }
        for version in versions.order_by("model__name", "-number")
    ]


def _holders(found: UseCase) -> list[Holder]:
    held = Holder.objects.current().filter(role__matrix__scope=found.scope)
    return list(held.select_related("role", "user").order_by("role__position", "user"))
