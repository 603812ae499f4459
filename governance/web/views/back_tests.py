"""A policy tried on the past: asking for it, following it, reading what would have been blocked."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from governance.accounts.models import User
from governance.backtests import queries, services
from governance.backtests.export import LINES
from governance.backtests.filters import BackTestFilter, BackTestLineFilter
from governance.backtests.models import BackTest
from governance.backtests.selection import Selection, selected
from governance.backtests.tally import headline
from governance.csv import streamed
from governance.jobs.services import not_entitled
from governance.policies.models import PolicyVersion
from governance.usecases.models import UseCase
from governance.web.errors import told
from governance.web.forms.back_tests import BackTestForm
from governance.web.partial import is_partial
from registry.models import RegisteredModel

MOST_CHOICES = 500


@login_required
def back_tests(request: HttpRequest) -> HttpResponse:
    """Lists the back-tests this person may see, newest first."""
    visible = BackTest.objects.visible_to(request.user).select_related("job", "created_by")
    found = BackTestFilter(request.GET, visible.defer("text"))
    page = Paginator(found.qs, 25).get_page(request.GET.get("page"))
    for one in page.object_list:
        one.headline = headline(one.counts) if one.is_finished else ""
    template = "back_tests/_table.html" if is_partial(request) else "back_tests/page.html"
    return render(request, template, {"filter": found, "page": page})


@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """Asks for a back-test; “count” only tells how many evaluations it would look at."""
    form = _form(request)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        if "count" in request.POST:
            context["amount"] = selected(form.selection, request.user).count()
        else:
            with told(form):
                return redirect(services.request_back_test(actor=request.user, **form.asked))
    if is_partial(request):
        return render(request, "back_tests/_amount.html", context)
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "back_tests/new.html", context, status=status)


@login_required
def back_test(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows what would have changed, the worst first; until then, how far the work is."""
    found = _visible(request, pk)
    lines = BackTestLineFilter(request.GET, queries.seen_lines(found, request.user))
    page = None
    if found.is_finished:
        rows = queries.with_rules_then(lines.qs)
        page = Paginator(rows, 25).get_page(request.GET.get("page"))
        for line in page.object_list:
            line.pairs = queries.rule_pairs(line)
    context = {
        "back_test": found,
        "headline": headline(found.counts) if found.is_finished else "",
        "asked": Selection.from_json(found.selection).sentence(),
        "filter": lines,
        "page": page,
        "may_steer": not not_entitled(found.job, request.user),
    }
    template = (
        "back_tests/_lines.html" if _wants_lines(request) else "back_tests/back_test.html"
    )
    return render(request, template, context)


@login_required
def as_csv(request: HttpRequest, pk: UUID) -> StreamingHttpResponse:
    """The lines as they are narrowed on the page."""
    lines = queries.seen_lines(_visible(request, pk), request.user)
    return streamed("back-test", BackTestLineFilter(request.GET, lines).qs, LINES)


def _wants_lines(request: HttpRequest) -> bool:
    """The progress polls the whole page and takes its part of it."""
    return is_partial(request) and request.htmx.target == "lines"


def _visible(request: HttpRequest, pk: UUID) -> BackTest:
    visible = BackTest.objects.visible_to(request.user)
    related = visible.select_related("job", "created_by", "policy_version__policy")
    return get_object_or_404(related, pk=pk)


def _form(request: HttpRequest) -> BackTestForm:
    versions = _policy_versions(request.user)
    choices = (versions, _use_cases(request.user), _models(request.user))
    if request.method == "POST":
        return BackTestForm(*choices, request.POST)
    return BackTestForm(*choices, initial=_initial(request, versions))


def _initial(request: HttpRequest, versions: list[PolicyVersion]) -> dict[str, object]:
    """The version the link names, over the part of the past to which it would apply."""
    name, number = request.GET.get("policy", ""), request.GET.get("version", "")
    for one in versions:
        if one.policy.name == name and str(one.number) == number:
            applies = one.parsed.applies_to
            return {
                "policy_version": one.pk,
                "tiers": list(applies.tiers) if applies else [],
                "use_cases": list(applies.use_cases) if applies else [],
            }
    return {"models": [request.GET["model"]]} if "model" in request.GET else {}


def _policy_versions(user: User) -> list[PolicyVersion]:
    """What may be tried: drafts and what is in review first, then what is in force, then the rest."""
    visible = PolicyVersion.objects.visible_to(user).select_related("policy").defer("document")
    order = {"draft": 0, "review": 0, "published": 1}
    newest = visible.order_by("-pk")[:MOST_CHOICES]
    return sorted(
        newest, key=lambda one: (order.get(one.state, 2), one.policy.name, -one.number)
    )


def _use_cases(user: User) -> list[UseCase]:
    return list(UseCase.objects.visible_to(user).order_by("title")[:MOST_CHOICES])


def _models(user: User) -> list[str]:
    """The models that were ever evaluated."""
    evaluated = RegisteredModel.objects.visible_to(user).filter(
        versions__evaluations__state="finished"
    )
    return list(
        evaluated.distinct().order_by("name").values_list("name", flat=True)[:MOST_CHOICES]
    )
