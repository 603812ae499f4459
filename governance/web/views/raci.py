"""The RACI matrix of a use case: letters, people, and what is wrong with it."""

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.usecases.models import UseCase
from raci import queries, rules
from raci.advice import advise
from raci.models import Cell, Holder, Matrix


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
    roles = list(found.roles.all())
    grid = queries.grid(found)
    problems = rules.check(grid)
    context = {
        "use_case": use_case,
        "roles": _with_people(found, roles),
        "stages": _stages(found, [role.code for role in roles], problems),
        "problems": problems,
        "advice": [*advise(grid), *queries.doubts_on_people(found, grid)],
        "unfilled": list(queries.unfilled_roles(found)),
    }
    return render(request, "raci/matrix.html", context)


def _with_people(found: Matrix, roles: list) -> list[dict]:
    held = Holder.objects.current().filter(role__matrix=found).select_related("user")
    people: dict[int, list] = {}
    for holder in held:
        people.setdefault(holder.role_id, []).append(holder.user)
    return [{"role": role, "people": people.get(role.pk, [])} for role in roles]


def _stages(found: Matrix, codes: list[str], problems: list) -> list[dict]:
    """Groups the activities by stage; each row has one cell a role, in the order of the roles."""
    wrong: dict[str, list[str]] = {}
    for problem in problems:
        wrong.setdefault(problem.activity, []).append(problem.sentence)
    stages: dict[str, list[dict]] = {}
    activities = found.activities.prefetch_related(
        Prefetch("cells", Cell.objects.select_related("role"))
    )
    for activity in activities:
        letters = {cell.role.code: cell for cell in activity.cells.all()}
        row = {
            "activity": activity,
            "cells": [(code, letters.get(code)) for code in codes],
            "problems": wrong.get(activity.key, []),
        }
        stages.setdefault(activity.stage, []).append(row)
    return [{"title": title, "rows": rows} for title, rows in stages.items()]
