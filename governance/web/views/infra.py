"""The tab of a version that shows whether its artifact works, and has it tried."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.infra import queries, services
from governance.infra.models import InfraCheck
from governance.web.errors import told
from governance.web.forms.infra import InfraCheckForm
from registry.models import ModelVersion

MOST_CHECKS = 12


@login_required
def version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _page(request, _visible(request, name, number), InfraCheckForm())


@login_required
@require_POST
def request_check(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Takes the artifact and starts to try it."""
    found = _visible(request, name, number)
    form = InfraCheckForm(request.POST, request.FILES)
    if form.is_valid():
        with told(form):
            return redirect(services.request_check(found, actor=request.user, **form.sent()))
    return _page(request, found, form, status=422)


@login_required
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows the version's tab with this check."""
    visible = InfraCheck.objects.visible_to(request.user).select_related("version__model")
    found = get_object_or_404(visible, pk=pk).version
    return _page(request, found, InfraCheckForm(), chosen=pk)


def _visible(request: HttpRequest, name: str, number: int) -> ModelVersion:
    visible = ModelVersion.objects.visible_to(request.user).select_related("model")
    return get_object_or_404(visible, model__name=name, number=number)


def _page(
    request: HttpRequest,
    found: ModelVersion,
    form: InfraCheckForm,
    *,
    chosen: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    checks = queries.checks_of(found)
    shown = checks.filter(pk=chosen).first() if chosen else checks.first()
    refusals = services.why_not_check(found, request.user)
    context = {
        "version": found,
        "checks": checks[:MOST_CHECKS],
        "shown": shown,
        "findings": shown.findings.all() if shown else [],
        "form": form,
        "refusals": refusals,
        "is_fetchable": services.is_fetchable(found),
    }
    return render(request, "versions/infra.html", context, status=status)
