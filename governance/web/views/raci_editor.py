"""The editor of a matrix: the whole grid in one form, checked while one types, saved at once."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from governance.errors import DOMAIN_ERRORS, kind_of
from governance.usecases.models import UseCase
from governance.web import raci_grids
from governance.web.errors import STATUS, told
from governance.web.forms.raci import GridForm, ShapeForm, acted
from governance.web.matrices import seen_matrix
from raci import queries, rules, services, versions
from raci.advice import advise
from raci.edits import AnyEdit, drafted
from raci.models import Matrix, MatrixVersion
from raci.naming import legend, naming_of, sound


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows the grid to be edited; saves all changes as one version, or none with the reasons."""
    use_case, matrix = seen_matrix(request, slug)
    services.require_change(request.user, matrix)
    latest = queries.latest_version(matrix)
    form = GridForm(request.POST or None, initial={"expected": latest.number})
    if request.method != "POST":
        return _page(request, use_case, form, latest, latest, latest.snapshot)
    began_on = _began_on(form, matrix, latest)
    if "act" in request.POST:
        return _redrawn(request, use_case, form, latest, began_on)
    with told(form):
        edits = form.edits(began_on.snapshot)
        if form.is_valid() and "check" not in request.POST:
            return _saved(request, use_case, form, began_on, edits)
    return _page(request, use_case, form, latest, began_on, _draft(form, latest, began_on))


@login_required
@require_POST
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Says what the rules find in a grid that is being edited; stores nothing."""
    _use_case, matrix = seen_matrix(request, slug)
    form = GridForm(request.POST)
    began_on = _began_on(form, matrix, queries.latest_version(matrix))
    draft = form.draft(began_on.snapshot)
    found = _found(draft)
    rows = raci_grids.stages(draft, began_on.snapshot, found["problems"])
    context = {**found, "stages": rows, "live": True}
    return render(request, "raci/_checked.html", context)


def _saved(
    request: HttpRequest,
    use_case: UseCase,
    form: GridForm,
    began_on: MatrixVersion,
    edits: Iterable[AnyEdit],
) -> HttpResponse:
    """Keeps the changes as a version, or shows them again with what stands in their way."""
    fields = {name: form.cleaned_data[name] for name in ("expected", "reason")}
    matrix = began_on.matrix
    try:
        saved = services.revise(matrix, edits, actor=request.user, **fields)
    except DOMAIN_ERRORS as refusal:
        for sentence in [refusal.sentence, *refusal.reasons]:
            form.add_error(None, sentence)
        latest, status = queries.latest_version(matrix), STATUS[kind_of(refusal)]
        draft = _draft(form, latest, began_on)
        return _page(request, use_case, form, latest, began_on, draft, status=status)
    _tell(request, began_on, saved)
    return redirect("web:raci_edit", use_case.slug)


def _redrawn(
    request: HttpRequest,
    use_case: UseCase,
    form: GridForm,
    latest: MatrixVersion,
    began_on: MatrixVersion,
) -> HttpResponse:
    """The page after a row or a column was added, moved, taken away or put back; stores nothing."""
    draft, shape = _draft(form, latest, began_on), ShapeForm(request.POST)
    if shape.is_valid():
        with told(shape):
            act = request.POST["act"]
            draft = acted(act, draft, latest.snapshot, shape.cleaned_data)
            shape = ShapeForm()
    return _page(request, use_case, form, latest, began_on, draft, shape=shape)


def _draft(form: GridForm, latest: MatrixVersion, began_on: MatrixVersion) -> dict:
    """What the sender is writing; on top of what others saved meanwhile, if they did."""
    if latest.number == began_on.number:
        return form.draft(latest.snapshot)
    try:
        return drafted(latest.snapshot, form.edits(began_on.snapshot))
    except DOMAIN_ERRORS:
        return latest.snapshot


def _page(
    request: HttpRequest,
    use_case: UseCase,
    form: GridForm,
    latest: MatrixVersion,
    began_on: MatrixVersion,
    draft: dict,
    *,
    shape: ShapeForm | None = None,
    status: int = 0,
) -> HttpResponse:
    """The grid as it stands now with the reader's own changes on it, so that none is lost."""
    found = _found(draft)
    theirs = versions.changed_cells(began_on.snapshot, latest.snapshot)
    naming, shape = naming_of(draft), shape or ShapeForm()
    wrong = bool(form.is_bound and form.errors) or bool(shape.is_bound and shape.errors)
    context = {
        **found,
        "use_case": use_case,
        "form": form,
        "shape": shape,
        "latest": latest,
        "roles": draft["roles"],
        "stages": raci_grids.stages(draft, latest.snapshot, found["problems"], theirs),
        "gone_roles": _gone(latest.snapshot, draft, "roles", "code"),
        "gone_activities": _gone(latest.snapshot, draft, "activities", "key"),
        "stage_names": dict.fromkeys(one["stage"] for one in draft["activities"]),
        "shape_changes": versions.shape_changes(latest.snapshot, draft),
        "unsaved": len(versions.changes(latest.snapshot, draft)),
        "columns": len(draft["roles"]) + 1,
        "naming": naming,
        "namings": form.fields["naming"].choices,
        "legend": legend(naming),
        "letters": raci_grids.offered(naming),
        "is_redrawn": shape.is_bound or "act" in request.POST,
    }
    return render(
        request, "raci/editor.html", context, status=status or (422 if wrong else 200)
    )


def _found(draft: dict) -> dict[str, object]:
    lines = versions.lines(draft)
    return {
        "problems": rules.check(lines),
        "advice": advise(lines),
        "sound": sound(naming_of(draft)),
    }


def _gone(saved: dict, draft: dict, rows: str, name: str) -> list[dict]:
    """The rows or columns that the draft has no more, to be put back."""
    left = {one[name] for one in draft[rows]}
    return [one for one in saved[rows] if one[name] not in left]


def _began_on(form: GridForm, matrix: Matrix, latest: MatrixVersion) -> MatrixVersion:
    """The version whose letters the sender had before them; the newest where that is unknown."""
    form.is_valid()
    number = getattr(form, "cleaned_data", {}).get("expected")
    if number in (None, latest.number):
        return latest
    return matrix.versions.filter(number=number).first() or latest


def _tell(request: HttpRequest, before: MatrixVersion, saved: MatrixVersion) -> None:
    if saved.number == before.number:
        messages.info(request, "Nothing was changed, so there is no new version.")
        return
    count = len(versions.changes(before.snapshot, saved.snapshot))
    changes = "1 change" if count == 1 else f"{count} changes"
    messages.success(request, f"Version {saved.number} saved with {changes}.")
    for problem in versions.new_problems(before.snapshot, saved.snapshot):
        messages.warning(request, f"New problem: {problem.sentence}")
