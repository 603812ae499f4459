"""The editor of a matrix: the whole grid in one form, checked while one types, saved at once."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.errors import DOMAIN_ERRORS, kind_of
from governance.usecases.models import UseCase
from governance.web import raci_grids
from governance.web.errors import STATUS
from governance.web.forms.raci import GridForm
from raci import queries, rules, services, versions
from raci.advice import advise
from raci.edits import Edit, drafted
from raci.models import Letters, Matrix, MatrixVersion


def seen_matrix(request: HttpRequest, slug: str) -> tuple[UseCase, Matrix]:
    use_case = get_object_or_404(UseCase.objects.visible_to(request.user), slug=slug)
    return use_case, get_object_or_404(Matrix, scope=use_case.scope)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows the grid to be edited; saves all changes as one version, or none with the reasons."""
    use_case, matrix = seen_matrix(request, slug)
    services.require_change(request.user, matrix)
    latest = queries.latest_version(matrix)
    form = GridForm(request.POST or None, initial={"expected": latest.number})
    if request.method != "POST":
        return _page(request, use_case, form, latest, latest)
    began_on = _began_on(form, matrix, latest)
    edits = form.edits(began_on.snapshot)
    if not form.is_valid() or "check" in request.POST:
        status = 200 if form.is_valid() else 422
        return _page(request, use_case, form, latest, began_on, edits, status=status)
    try:
        saved = services.revise(matrix, edits, actor=request.user, **form.cleaned_data)
    except DOMAIN_ERRORS as refusal:
        for sentence in [refusal.sentence, *refusal.reasons]:
            form.add_error(None, sentence)
        latest, status = queries.latest_version(matrix), STATUS[kind_of(refusal)]
        return _page(request, use_case, form, latest, began_on, edits, status=status)
    _tell(request, began_on, saved)
    return redirect("web:raci_edit", slug)


@login_required
@require_POST
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Says what the rules find in a grid that is being edited; stores nothing."""
    _use_case, matrix = seen_matrix(request, slug)
    form = GridForm(request.POST)
    began_on = _began_on(form, matrix, queries.latest_version(matrix))
    draft = drafted(began_on.snapshot, form.edits(began_on.snapshot))
    found = _found(draft)
    rows = raci_grids.stages(draft, began_on.snapshot, found["problems"])
    return render(request, "raci/_checked.html", {**found, "stages": rows, "live": True})


def _page(
    request: HttpRequest,
    use_case: UseCase,
    form: GridForm,
    latest: MatrixVersion,
    began_on: MatrixVersion,
    edits: Iterable[Edit] = (),
    status: int = 200,
) -> HttpResponse:
    """The grid as it stands now with the reader's own changes on it, so that none is lost."""
    draft = drafted(latest.snapshot, edits)
    found = _found(draft)
    theirs = versions.changed_cells(began_on.snapshot, latest.snapshot)
    context = {
        **found,
        "use_case": use_case,
        "form": form,
        "latest": latest,
        "roles": latest.snapshot["roles"],
        "stages": raci_grids.stages(draft, latest.snapshot, found["problems"], theirs),
        "unsaved": len(versions.changed_cells(latest.snapshot, draft)),
        "columns": len(latest.snapshot["roles"]) + 1,
        "letters": _offered(),
        "words": raci_grids.WORDS,
    }
    return render(request, "raci/editor.html", context, status=status)


def _found(draft: dict) -> dict[str, list[rules.Problem]]:
    lines = versions.lines(draft)
    return {"problems": rules.check(lines), "advice": advise(lines)}


def _began_on(form: GridForm, matrix: Matrix, latest: MatrixVersion) -> MatrixVersion:
    """The version whose letters the sender had before them; the newest where that is unknown."""
    number = form.cleaned_data.get("expected") if form.is_valid() else None
    if number in (None, latest.number):
        return latest
    return matrix.versions.filter(number=number).first() or latest


def _offered() -> list[tuple[str, str]]:
    """The letters in the order of the word RASCI, then what combines them."""
    order = sorted(Letters.choices, key=lambda one: (len(one[0]), "RASCI".find(one[0])))
    return [(value, words) for value, words in order]


def _tell(request: HttpRequest, before: MatrixVersion, saved: MatrixVersion) -> None:
    if saved.number == before.number:
        messages.info(request, "Nothing was changed, so there is no new version.")
        return
    count = len(versions.changes(before.snapshot, saved.snapshot))
    changes = "1 change" if count == 1 else f"{count} changes"
    messages.success(request, f"Version {saved.number} saved with {changes}.")
    for problem in versions.new_problems(before.snapshot, saved.snapshot):
        messages.warning(request, f"New problem: {problem.sentence}")
