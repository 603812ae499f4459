"""Two evaluations of a model side by side: choosing them, following the work, reading the difference."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from governance.csv import listed
from governance.dashboards import comparing as arranged
from governance.evaluation import comparing
from governance.evaluation.models import Comparison, Evaluation
from governance.evaluation.queries import comparison_of
from governance.web.charts import comparison_charts
from governance.web.errors import told
from governance.web.forms.comparing import CompareForm
from registry.models import RegisteredModel

FIELDS = (
    "metric", "slice_field", "slice_value", "value", "low", "high", "n", "method",
    "told_apart", "sentence",
)  # fmt: skip


@login_required
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Shows what was compared; a POST starts the comparison of what was chosen."""
    model = get_object_or_404(RegisteredModel.objects.visible_to(request.user), name=name)
    evaluations = list(arranged.comparable(model))
    if request.method == "POST":
        form = CompareForm(evaluations, request.POST)
        if form.is_valid():
            with told(form):
                return redirect(comparing.request_comparison(*form.chosen, actor=request.user))
        return _page(request, model, evaluations, form, None, status=422)
    chosen = CompareForm(evaluations, request.GET)
    if "first" in request.GET and chosen.is_valid():
        return _page(request, model, evaluations, chosen, comparison_of(*chosen.chosen))
    initial = dict(
        zip(("second", "first"), (one.pk for one in evaluations[1::-1]), strict=False)
    )
    return _page(request, model, evaluations, CompareForm(evaluations, initial=initial), None)


@login_required
def as_csv(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _visible(request, pk)
    return listed(
        "comparison", FIELDS, ([row[key] for key in FIELDS] for row in found.differences)
    )


@login_required
def as_json(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _visible(request, pk)
    document = {
        "first": _told(found.evaluation),
        "second": _told(found.other),
        "code_version": found.code_version,
        "finished_at": found.finished_at,
        "differences": found.differences,
    }
    answer = JsonResponse(document, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="comparison.json"'
    return answer


def _told(evaluation: Evaluation) -> dict:
    return {
        "evaluation": str(evaluation.pk),
        "version": evaluation.version.label,
        "dataset": evaluation.dataset,
        "threshold": evaluation.threshold,
        "rows_digest": evaluation.rows_digest,
    }


def _visible(request: HttpRequest, pk: UUID) -> Comparison:
    visible = Comparison.objects.visible_to(request.user)
    both = ("evaluation__version__model", "other__version__model")
    return get_object_or_404(visible.select_related(*both), pk=pk)


def _page(
    request: HttpRequest,
    model: RegisteredModel,
    evaluations: list[Evaluation],
    form: CompareForm,
    comparison: Comparison | None,
    *,
    status: int = 200,
) -> HttpResponse:
    chosen = form.chosen if form.is_bound and form.is_valid() else ()
    found = None
    if comparison and comparison.is_finished:
        comparison.evaluation, comparison.other = chosen
        found = arranged.compared(comparison)
    context = {
        "model": model,
        "form": form,
        "first": chosen[0] if chosen else None,
        "second": chosen[1] if chosen else None,
        "evaluations": evaluations,
        "comparison": comparison,
        "found": found,
        "charts": comparison_charts(found) if found else [],
    }
    return render(request, "models/compare.html", context, status=status)
