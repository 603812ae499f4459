"""The RACI matrix of a use case: letters, people, and what is wrong with it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.accounts.models import User
from governance.responsibility.models import MatrixCheck
from governance.responsibility.person import Accepting, accepting_in
from governance.usecases.models import UseCase
from governance.web import raci_grids
from raci import organisation, queries, rules, services, versions
from raci.advice import advise
from raci.models import Holder, Matrix
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
    """Shows the whole grid with problems marked in place."""
    use_case = get_object_or_404(UseCase.objects.visible_to(request.user), slug=slug)
    found = get_object_or_404(Matrix, scope=use_case.scope)
    snapshot = queries.latest_version(found).snapshot
    grid, naming = versions.lines(snapshot), naming_of(snapshot)
    problems, people = rules.check(grid), queries.holdings(found)
    context = {
        "use_case": use_case,
        "matrix": found,
        "naming": naming,
        "legend": legend(naming),
        "sound": sound(naming),
        "roles": _with_people(found, people, snapshot["roles"]),
        "stages": raci_grids.stages(snapshot, snapshot, problems),
        "problems": problems,
        "advice": [*advise(grid), *queries.doubts_on_people(queries.held_by(people), grid)],
        "may_change": services.may_change(request.user, found),
        "unfilled": list(queries.unfilled_roles(found)),
    }
    return render(request, "raci/matrix.html", context)


def _with_people(found: Matrix, holdings: list[Holder], roles: list[dict]) -> list[dict]:
    """Each role with who holds it and whether they have accepted what the letters say today."""
    accepting = {one.held.user.pk: one for one in accepting_in(found)}
    people: dict[str, list[tuple[User, Accepting | None]]] = {}
    for one in holdings:
        if one.user.is_active:
            held = one.user, accepting.get(one.user_id)
            people.setdefault(one.role.code, []).append(held)
    return [{"role": role, "people": people.get(role["code"], [])} for role in roles]
