"""The versions of a matrix: what changed, who changed it and when, and the way back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.web import raci_grids
from governance.web.forms.raci import RestoreForm
from governance.web.matrices import seen_matrix
from raci import organisation, queries, rules, services, versions
from raci.errors import Invalid
from raci.models import MatrixVersion
from raci.naming import naming_of

PER_PAGE = 20


@login_required
def matrix_versions(request: HttpRequest, slug: str) -> HttpResponse:
    """Lists the versions, the newest first, each with what it changed."""
    use_case, matrix = seen_matrix(request, slug)
    page = Paginator(matrix.versions.all(), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    oldest = shown[-1].number
    before = {one.number: one for one in shown}
    before |= {one.number: one for one in matrix.versions.filter(number=oldest - 1)}
    rows = [
        {"version": one, "changes": _changes(before.get(one.number - 1), one)} for one in shown
    ]
    context = {"use_case": use_case, "rows": rows, "page": page}
    return render(request, "raci/versions.html", context)


@login_required
def matrix_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Shows one version as it stood, against the one before or the one asked for."""
    use_case, matrix = seen_matrix(request, slug)
    version = get_object_or_404(matrix.versions, number=number)
    latest = queries.latest_version(matrix)
    before = _against(request, version)
    shown = version.snapshot
    context = {
        "use_case": use_case,
        "version": version,
        "latest": latest,
        "before": before,
        "changes": _changes(before, version),
        "roles": shown["roles"],
        "naming": naming_of(shown),
        "columns": len(shown["roles"]) + 1,
        "stages": raci_grids.stages(
            shown, before.snapshot if before else shown, rules.check(versions.lines(shown))
        ),
        "may_choose": organisation.may_choose_default(request.user),
        "may_restore": version.digest != latest.digest
        and services.may_change(request.user, matrix),
    }
    return render(request, "raci/version.html", context)


@login_required
@require_POST
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Makes the matrix what it was in this version, as a new version."""
    _use_case, matrix = seen_matrix(request, slug)
    version = get_object_or_404(matrix.versions, number=number)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        raise Invalid("Say which version you saw as the newest.", field="expected")
    saved = services.restore(
        version, expected=form.cleaned_data["expected"], actor=request.user
    )
    messages.success(request, f"Version {saved.number} is as version {number} was.")
    return redirect("web:raci_version", slug, saved.number)


@login_required
@require_POST
def begin_with(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Lets the matrices of new use cases begin with this version."""
    _use_case, matrix = seen_matrix(request, slug)
    version = get_object_or_404(matrix.versions, number=number)
    organisation.choose_default(version, actor=request.user)
    messages.success(
        request, f"New use cases begin with version {number}, unless told otherwise."
    )
    return redirect("web:raci_list")


@login_required
@require_POST
def begin_as_set(request: HttpRequest) -> HttpResponse:
    """Lets new use cases begin with what the setting names again."""
    organisation.drop_default(actor=request.user)
    messages.success(request, "New use cases begin with the template of the setting again.")
    return redirect("web:raci_list")


def _changes(before: MatrixVersion | None, version: MatrixVersion) -> list[str]:
    return versions.changes(before.snapshot, version.snapshot) if before else []


def _against(request: HttpRequest, version: MatrixVersion) -> MatrixVersion | None:
    asked = request.GET.get("against", "")
    known = asked.isascii() and asked.isdigit() and len(asked) < 10
    number = int(asked) if known else version.number - 1
    return MatrixVersion.objects.filter(matrix=version.matrix_id, number=number).first()
