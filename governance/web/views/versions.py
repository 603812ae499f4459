"""The page of a version: where it stands, what is in the way, and the evidence."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.blessing.models import Blessing, RuleResult
from governance.blessing.services import may_judge, request_judgement
from governance.connections import queries as connections
from governance.dashboards import version as figures
from governance.dashboards.models import prompt_text
from governance.evaluation.models import Evaluation
from governance.exceptions import queries as exceptions
from governance.infra.queries import with_latest_check
from governance.release import asking, services
from governance.release import queries as release
from governance.usecases.queries import use_case_of
from governance.web.charts import evidence_charts
from governance.web.errors import told
from governance.web.forms.versions import AskForm
from registry import queries as registry
from registry.models import PROMPT_TEXT, ModelVersion

CHAMPION = "champion"
MOST_EVALUATIONS = 12


@login_required
def version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    return _page(request, _visible(request, name, number), AskForm())


@login_required
@require_POST
def ask(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Opens an approval request with the requester's statement."""
    found = _visible(request, name, number)
    form = AskForm(request.POST)
    if form.is_valid():
        with told(form):
            return redirect(
                asking.request_promotion(
                    found, actor=request.user, alias=CHAMPION, **form.cleaned_data
                )
            )
    return _page(request, found, form, status=422)


@login_required
@require_POST
def promote(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Moves the alias; the gate is asked again at that moment."""
    found = _visible(request, name, number)
    services.promote(found, actor=request.user, alias=CHAMPION)
    messages.success(request, f"{CHAMPION} points to {found.label} now.")
    return redirect(found)


@login_required
def evaluation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows the version's page with this evaluation as the evidence."""
    visible = Evaluation.objects.visible_to(request.user).select_related("version__model")
    found = get_object_or_404(visible, pk=pk)
    return redirect(f"{found.version.get_absolute_url()}?evaluation={found.pk}#evidence")


@login_required
@require_POST
def judge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Has the evaluation judged again, by the policy that applies now; shows the job."""
    visible = Evaluation.objects.visible_to(request.user).select_related("version__model")
    return redirect(request_judgement(get_object_or_404(visible, pk=pk), actor=request.user))


def _visible(request: HttpRequest, name: str, number: int) -> ModelVersion:
    visible = with_latest_check(ModelVersion.objects.visible_to(request.user))
    related = visible.select_related(
        "model__governed__use_case", "created_by", "parent__model", "artifact"
    )
    related = related.prefetch_related("tags")
    return get_object_or_404(related, model__name=name, number=number)


def _page(
    request: HttpRequest, found: ModelVersion, form: AskForm, *, status: int = 200
) -> HttpResponse:
    report = release.gate_report(found, alias=CHAMPION, user=request.user)
    blessing = report.blessing
    evaluations = report.evaluations
    shown = _chosen(evaluations, request.GET.get("evaluation", ""), blessing)
    evidence = figures.evidence(shown) if shown else None
    results = list(blessing.results.all()) if blessing else []
    context = {
        "version": found,
        "report": report,
        "blessing": blessing,
        "results": results,
        "ways_forward": blessing.ways_forward if blessing else [],
        "may_judge": bool(blessing) and may_judge(request.user, use_case_of(found.model)),
        **_exceptions(request, report, results),
        "evaluations": evaluations[:MOST_EVALUATIONS],
        "shown": shown,
        "evidence": evidence,
        "charts": evidence_charts(evidence) if evidence else [],
        "form": form,
        "tags": [tag for tag in found.tags.all() if tag.key != PROMPT_TEXT],
        "prompt": prompt_text(found),
        "pinning": connections.pinning_of(found),
        "twin": registry.twin_of(found) if found.number > 1 else None,
    }
    return render(request, "versions/page.html", context, status=status)


def _exceptions(
    request: HttpRequest, report: release.GateReport, results: Sequence[RuleResult]
) -> dict[str, list]:
    """What is excepted or asked for, and why the reader may not ask; only where a rule is in the way."""
    if not any(one.stands_in_the_way for one in results):
        return {}
    applies = report.protection
    limits = exceptions.Limits(applies.policy_version, applies.reason)
    return {
        "exceptions": list(exceptions.standing_of(report.version)),
        "asking_refusals": exceptions.asking_refusals(
            report.version, request.user, limits=limits
        ),
    }


def _chosen(
    evaluations: Sequence[Evaluation], wanted: str, blessing: Blessing | None
) -> Evaluation | None:
    """The evaluation asked for, else the one that was judged, else the newest."""
    by_key = {str(one.pk): one for one in evaluations}
    judged = str(blessing.evaluation_id) if blessing else ""
    if blessing:  # it brings its measurements with it
        by_key[judged] = blessing.evaluation
    newest = evaluations[0] if evaluations else None
    return by_key.get(wanted) or by_key.get(judged) or newest
