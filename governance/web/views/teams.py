"""Teams: who is in them, and which roles they hold; made and filled by administrators."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.usecases.addresses import address_of
from governance.web.errors import told
from governance.web.forms.teams import MemberForm, TeamForm
from raci import queries
from raci import teams as services
from raci.models import Team


@login_required
def teams(request: HttpRequest) -> HttpResponse:
    """Lists the teams one sees, and makes one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(form):
            made = services.create(form.cleaned_data["name"], actor=request.user)
            return redirect("web:team", made.pk)
    page = Paginator(queries.teams_seen_by(request.user), 25).get_page(request.GET.get("page"))
    _address(page.object_list)
    may_manage = services.may_manage(request.user)
    context = {"page": page, "form": form, "may_manage": may_manage}
    status = 422 if request.method == "POST" else 200
    return render(request, "teams/page.html", context, status=status)


@login_required
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows who is in a team and what it holds in the matrices one sees."""
    return _page(request, _seen(request, pk))


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = MemberForm(request.POST, team=found)
    if form.is_valid():
        with told(form):
            one = form.cleaned_data["person"]
            services.add_member(found, one, actor=request.user)
            messages.success(request, f"{one} is in {found} and holds what it holds.")
            return redirect("web:team", pk)
    return _page(request, found, form=form)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int, username: str) -> HttpResponse:
    found = _seen(request, pk)
    one = get_object_or_404(found.members, username=username)
    services.remove_member(found, one, actor=request.user)
    messages.success(request, f"{one} is in {found} no more.")
    return redirect("web:team", pk)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    services.delete(found, actor=request.user)
    messages.success(request, f"{found} is deleted.")
    return redirect("web:teams")


def _seen(request: HttpRequest, pk: int) -> Team:
    return get_object_or_404(queries.teams_seen_by(request.user), pk=pk)


def _address(found: Iterable[Team]) -> None:
    """Gives each role its `address`, the page of its matrix."""
    for one in found:
        for held in one.held:
            held.address = address_of(held.role.matrix.scope)


def _page(request: HttpRequest, found: Team, *, form: MemberForm | None = None) -> HttpResponse:
    _address([found])
    may_manage = services.may_manage(request.user)
    if may_manage and form is None:
        form = MemberForm(team=found)
    context = {"team": found, "may_manage": may_manage, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "teams/team.html", context, status=status)
