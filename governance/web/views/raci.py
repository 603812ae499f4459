"""The RACI matrix of a use case: letters, people, and what is wrong with it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.usecases.models import UseCase
from governance.web import raci_grids
from raci import queries, rules, services, versions
from raci.advice import advise
from raci.models import Holder, Matrix


@login_required
def matrices(request: HttpRequest) -> HttpResponse:
    """Lists the matrices this person takes part in, with their own roles."""
    seen = UseCase.objects.visible_to(request.user)
    mine: dict[str, list[str]] = {}
    for holder in (
        Holder.objects.current().filter(user=request.user).select_related("role__matrix")
    ):
        mine.setdefault(holder.role.matrix.scope, []).append(holder.role.title)
    rows = [{"use_case": one, "roles": mine.get(one.scope, [])} for one in seen]
    return render(request, "raci/page.html", {"rows": rows})


@login_required
def matrix(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows the whole grid with problems marked in place."""
    use_case = get_object_or_404(UseCase.objects.visible_to(request.user), slug=slug)
    found = get_object_or_404(Matrix, scope=use_case.scope)
    snapshot = queries.latest_version(found).snapshot
    grid = versions.lines(snapshot)
    problems = rules.check(grid)
    context = {
        "use_case": use_case,
        "roles": _with_people(found, snapshot["roles"]),
        "stages": raci_grids.stages(snapshot, snapshot, problems),
        "problems": problems,
        "advice": [*advise(grid), *queries.doubts_on_people(found, grid)],
        "may_change": services.may_change(request.user, found),
        "unfilled": list(queries.unfilled_roles(found)),
    }
    return render(request, "raci/matrix.html", context)


def _with_people(found: Matrix, roles: list[dict]) -> list[dict]:
    held = Holder.objects.current().filter(role__matrix=found).select_related("user", "role")
    people: dict[str, list] = {}
    for holder in held:
        people.setdefault(holder.role.code, []).append(holder.user)
    return [{"role": role, "people": people.get(role["code"], [])} for role in roles]
