"""Data sets: the list, one record with its columns, recording one and describing it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.datasets import queries, services
from governance.datasets.filters import DataSetFilter
from governance.datasets.models import DataSet
from governance.usecases.models import UseCase
from governance.web.errors import told
from governance.web.forms.datasets import DataSetForm, SaidForm
from governance.web.partial import is_partial

MOST_EVALUATIONS = 50


@login_required
def data_sets(request: HttpRequest) -> HttpResponse:
    """Lists the data sets this person may see, by name."""
    visible = DataSet.objects.visible_to(request.user).select_related("use_case")
    found = DataSetFilter(request.GET, visible)
    page = Paginator(found.qs, 25).get_page(request.GET.get("page"))
    template = "datasets/_table.html" if is_partial(request) else "datasets/page.html"
    return render(request, template, {"filter": found, "page": page})


@login_required
def record(request: HttpRequest) -> HttpResponse:
    """Takes a file as a data set."""
    seen = UseCase.objects.visible_to(request.user).order_by("title")
    form = DataSetForm(request.POST or None, request.FILES or None, use_cases=seen)
    if request.method == "POST" and form.is_valid():
        with told(form):
            return redirect(services.record_data_set(actor=request.user, **form.cleaned_data))
    status = 422 if request.method == "POST" else 200
    return render(request, "datasets/new.html", {"form": form}, status=status)


@login_required
def data_set(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _visible(request, pk)
    said = {key: getattr(found, key) for key in ("licence", "sensitive_fields", "description")}
    return _page(request, found, SaidForm(initial=said))


@login_required
@require_POST
def describe(request: HttpRequest, pk: UUID) -> HttpResponse:
    found, form = _visible(request, pk), SaidForm(request.POST)
    if form.is_valid():
        with told(form):
            return redirect(services.describe(found, actor=request.user, **form.cleaned_data))
    return _page(request, found, form, status=422)


def _visible(request: HttpRequest, pk: UUID) -> DataSet:
    visible = DataSet.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("use_case", "created_by", "job"), pk=pk)


def _page(
    request: HttpRequest, found: DataSet, form: SaidForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "record": found,
        "form": form,
        "refusals": services.why_not(request.user, found.use_case),
        "evaluations": queries.evaluations_seen(found, user=request.user)[:MOST_EVALUATIONS],
        "on_other_rows": queries.on_other_rows(found),
    }
    return render(request, "datasets/data_set.html", context, status=status)
