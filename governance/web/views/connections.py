"""Other MLflow servers as administrators see them: how they do, what was taken over, what diverges."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.queries import is_administrator
from governance.connections import queries, services
from governance.connections.models import Connection
from governance.web.errors import told
from governance.web.forms.connections import ConnectionForm

MOST_SHOWN = 100


@login_required
def connections(request: HttpRequest) -> HttpResponse:
    """Lists the connections with their last job, and where registries differ."""
    _only_administrators(request)
    found = list(queries.overview(Connection.objects.visible_to(request.user)))
    jobs = queries.newest_jobs(found)
    context = {
        "rows": [(one, jobs.get(str(one.pk))) for one in found],
        "divergences": queries.open_divergences()[:MOST_SHOWN],
    }
    return render(request, "connections/page.html", context)


@login_required
def make(request: HttpRequest) -> HttpResponse:
    _only_administrators(request)
    form = ConnectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(form):
            services.create_connection(actor=request.user, **form.cleaned_data)
            return redirect("web:connections")
    status = 422 if request.method == "POST" else 200
    return render(request, "connections/edit.html", {"form": form}, status=status)


@login_required
@require_POST
def test(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.verify(_visible(request, pk), actor=request.user)
    return redirect("web:connections")


@login_required
@require_POST
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Starts the import and shows its job."""
    return redirect(services.start_sync(_visible(request, pk), actor=request.user))


@login_required
@require_POST
def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Switches a connection off, and on again."""
    found = _visible(request, pk)
    wanted = request.POST.get("enabled") == "yes"
    services.update_connection(found, actor=request.user, is_enabled=wanted)
    return redirect("web:connections")


def _visible(request: HttpRequest, pk: UUID) -> Connection:
    return get_object_or_404(Connection.objects.visible_to(request.user), pk=pk)


def _only_administrators(request: HttpRequest) -> None:
    if not is_administrator(request.user):
        raise Http404
