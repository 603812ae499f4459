"""The list of models and of prompts, and the page of one: champion beside challenger, versions."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.connections import queries as connections
from governance.dashboards import models as figures
from governance.policies.queries import applicable_to_model
from governance.usecases import queries as usecases
from governance.usecases.models import UseCase
from governance.usecases.services import adopt_model
from governance.web.forms.models import AdoptForm
from governance.web.partial import is_partial
from registry.filters import ModelFilter
from registry.models import RegisteredModel

CHAMPION = "champion"


@login_required
def models(request: HttpRequest) -> HttpResponse:
    """Lists the models this person may see; `?tab=` ungoverned: those no use case has adopted; prompts."""
    visible = RegisteredModel.objects.visible_to(request.user)
    served = visible.without_prompts()
    ungoverned = usecases.ungoverned(served)
    tab = request.GET.get("tab", "")
    found = ModelFilter(
        request.GET, {"ungoverned": ungoverned, "prompts": visible}.get(tab, served)
    )
    rows = figures.prompts(found.qs) if tab == "prompts" else figures.listed(found.qs)
    context = {
        "filter": found,
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "tab": tab,
        "table": "models/_prompts.html" if tab == "prompts" else "models/_table.html",
        "ungoverned": ungoverned.count(),
        "prompts": visible.prompts().count(),
    }
    template = context["table"] if is_partial(request) else "models/page.html"
    return render(request, template, context)


@login_required
def model(request: HttpRequest, name: str) -> HttpResponse:
    """Shows what serves, what challenges it, and every version."""
    found = _visible(request, name)
    rows = figures.version_rows(found)
    champion = next((row for row in rows if CHAMPION in row.aliases), None)
    challenger = next((row for row in rows if row is not champion and row.blessing), None)
    use_case = usecases.use_case_of(found)
    context = {
        "model": found,
        "use_case": use_case,
        "policy": applicable_to_model(found),
        "rows": rows,
        "titles": figures.shown_titles(),
        "sides": [("Champion", champion), ("Challenger", challenger)],
        "tags": found.tags.all(),
        "form": None if use_case else _adopt_form(request),
        "divergences": list(connections.open_divergences(found)),
    }
    return render(request, "models/model.html", context)


@login_required
@require_POST
def adopt(request: HttpRequest, name: str) -> HttpResponse:
    """Puts an ungoverned model under a use case."""
    found = _visible(request, name)
    form = _adopt_form(request)
    if form.is_valid():
        adopt_model(form.cleaned_data["use_case"], found, actor=request.user)
    return redirect(found)


def _visible(request: HttpRequest, name: str) -> RegisteredModel:
    visible = RegisteredModel.objects.visible_to(request.user)
    visible = visible.select_related("created_by", "governed__use_case")
    return get_object_or_404(visible, name=name)


def _adopt_form(request: HttpRequest) -> AdoptForm:
    form = AdoptForm(request.POST or None)
    form.fields["use_case"].queryset = UseCase.objects.visible_to(request.user)
    return form
