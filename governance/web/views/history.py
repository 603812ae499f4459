"""What served when, who did what, and what a version was made from: pages of their own, off the long ones."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from governance.audit.filters import EntryFilter
from governance.audit.models import Entry
from governance.dashboards import figures, lineage, trail
from governance.dashboards import history as dashboards
from governance.web.errors import told
from governance.web.forms.history import MomentForm
from governance.web.lineage import drawn
from governance.web.partial import is_partial
from registry import history
from registry.models import ModelVersion, RegisteredModel

PAGE = 50


@login_required
def model_history(request: HttpRequest, name: str) -> HttpResponse:
    """Shows what every pointer held at a moment, and on a time axis."""
    found = _model(request, name)
    form = MomentForm(request.GET if "at" in request.GET else {"at": ""})
    moment = None
    if form.is_valid():
        with told(form):
            moment = dashboards.at_moment(found, form.cleaned_data["at"])
    line = history.timeline(found)
    holdings = [one for pointer in line.lines for one in pointer.holdings]
    context = {
        "model": found,
        "form": form,
        "moment": moment,
        "is_past": bool(request.GET.get("at")),
        "timeline": line,
        "chart": figures.pointers(holdings, now=timezone.now()) if holdings else None,
    }
    return render(request, "models/history.html", context, status=200 if moment else 422)


@login_required
def model_trail(request: HttpRequest, name: str) -> HttpResponse:
    """Lists who did what on the model and all its versions, newest first."""
    found = _model(request, name)
    context = {"model": found}
    return _trail(request, trail.of_model(found), "models/trail.html", context)


@login_required
def version_trail(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Lists who did what on the version and on what was made for it."""
    found = _version(request, name, number)
    context = {"version": found}
    return _trail(request, trail.of_version(found), "versions/trail.html", context)


@login_required
def version_lineage(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Draws what the version was made from and what came of it, with a list of the same."""
    found = _version(request, name, number)
    graph = lineage.lineage(found, user=request.user)
    context = {"version": found, "lineage": graph, "drawing": drawn(graph)}
    return render(request, "versions/lineage.html", context)


def _trail(
    request: HttpRequest, entries: QuerySet[Entry], page: str, context: dict
) -> HttpResponse:
    found = EntryFilter(request.GET, entries)
    shown = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    template = "audit/_trail.html" if is_partial(request) else page
    return render(request, template, context | {"filter": found, "page": shown})


def _model(request: HttpRequest, name: str) -> RegisteredModel:
    visible = RegisteredModel.objects.visible_to(request.user)
    return get_object_or_404(visible, name=name)


def _version(request: HttpRequest, name: str, number: int) -> ModelVersion:
    visible = ModelVersion.objects.visible_to(request.user).select_related("model")
    return get_object_or_404(visible, model__name=name, number=number)
