"""The RACI matrix of a use case: letters, people, and what is wrong with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.responsibility.models import MatrixCheck
from governance.responsibility.person import Accepting, accepting_in
from governance.usecases.models import UseCase
from governance.web import raci_grids
from governance.web.errors import told
from governance.web.forms.teams import HolderForm
from governance.web.matrices import seen_matrix
from raci import organisation, queries, rules, services, teams, versions
from raci.advice import advise
from raci.models import Holder, Matrix, Team, TeamHolder
from raci.naming import legend, naming_of, sound


@login_required
def matrices(request: HttpRequest) -> HttpResponse:
    """Lists the matrices this person takes part in, with their own roles."""
    seen = UseCase.objects.visible_to(request.user)
    mine: dict[str, list[str]] = {}
    for holder in (
        Holder.objects.current().filter(user=request.user).select_related("role__matrix")
    ):
        mine.setdefault(holder.role.matrix.scope, []).append(holder.role.title)
    checks = MatrixCheck.objects.visible_to(request.user).select_related("matrix")
    found = {one.matrix.scope: one for one in checks}
    rows = [
        {"use_case": one, "roles": mine.get(one.scope, []), "check": found.get(one.scope)}
        for one in seen
    ]
    first, *others = organisation.beginnings()
    context = {
        "rows": rows,
        "first": first,
        "others": others,
        "may_choose": organisation.may_choose_default(request.user),
    }
    return render(request, "raci/page.html", context)


@login_required
def matrix(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows the whole grid with problems marked in place, and who holds the roles."""
    return _page(request, *seen_matrix(request, slug))


@login_required
@require_POST
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Puts a person or a team into a role."""
    use_case, found = seen_matrix(request, slug)
    services.require_change(request.user, found)
    roles = queries.latest_version(found).snapshot["roles"]
    form = HolderForm(request.POST, roles=roles, prefix="holder")
    if form.is_valid():
        with told(form):
            code, one = form.cleaned_data["role"], form.chosen
            put = teams.assign_team if isinstance(one, Team) else services.assign
            put(found, code, one, actor=request.user, until=form.ends)
            messages.success(request, f"{one} holds {code}.")
            return redirect("web:raci", slug)
    return _page(request, use_case, found, form=form)


@login_required
@require_POST
def unassign(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    _use_case, found = seen_matrix(request, slug)
    held = get_object_or_404(Holder, role__matrix=found, pk=pk)
    services.unassign(held, actor=request.user)
    messages.success(request, f"{held.user} holds {held.role.code} no more.")
    return redirect("web:raci", slug)


@login_required
@require_POST
def unassign_team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    _use_case, found = seen_matrix(request, slug)
    held = get_object_or_404(TeamHolder, role__matrix=found, pk=pk)
    teams.unassign_team(held, actor=request.user)
    messages.success(request, f"{held.team} holds {held.role.code} no more.")
    return redirect("web:raci", slug)


def _page(
    request: HttpRequest, use_case: UseCase, found: Matrix, *, form: HolderForm | None = None
) -> HttpResponse:
    snapshot = queries.latest_version(found).snapshot
    grid, naming = versions.lines(snapshot), naming_of(snapshot)
    problems, people = rules.check(grid), queries.holdings(found)
    may_change = services.may_change(request.user, found)
    if may_change and form is None:
        form = HolderForm(roles=snapshot["roles"], prefix="holder")
    context = {
        "use_case": use_case,
        "matrix": found,
        "naming": naming,
        "legend": legend(naming),
        "sound": sound(naming),
        "roles": _with_people(found, people, snapshot["roles"]),
        "holder_form": form,
        "stages": raci_grids.stages(snapshot, snapshot, problems),
        "problems": problems,
        "advice": [*advise(grid), *queries.doubts_on_people(queries.held_by(people), grid)],
        "may_change": may_change,
        "unfilled": list(queries.unfilled_roles(found)),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "raci/matrix.html", context, status=status)


def _with_people(found: Matrix, holdings: list[Holder], roles: list[dict]) -> list[dict]:
    """Each role with who holds it and whether they have accepted what the letters say today.

    `own` are the rows of those who hold it in their own name, `teams` those of teams.
    """
    accepting = {one.held.user.pk: one for one in accepting_in(found)}
    people: dict[str, list[tuple[Holder, Accepting | None]]] = {}
    own: dict[str, list[Holder]] = {}
    for one in holdings:
        if one.user.is_active:
            people.setdefault(one.role.code, []).append((one, accepting.get(one.user_id)))
        if one.team is None:
            own.setdefault(one.role.code, []).append(one)
    by_team: dict[str, list[TeamHolder]] = {}
    for held in queries.team_holders(found):
        by_team.setdefault(held.role.code, []).append(held)
    return [
        {
            "role": role,
            "people": people.get(role["code"], []),
            "own": own.get(role["code"], []),
            "teams": by_team.get(role["code"], []),
        }
        for role in roles
    ]
