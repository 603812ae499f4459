"""The lists as CSV, narrowed as the page was from which they are taken."""

from operator import attrgetter
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404

from governance.audit.filters import EntryFilter
from governance.audit.models import Entry
from governance.csv import MOST_ROWS, Columns, streamed
from governance.dashboards import models as figures
from governance.dashboards import trail
from governance.datasets.filters import DataSetFilter
from governance.datasets.models import DataSet
from governance.evaluation.models import Evaluation
from governance.exceptions.filters import ExceptionListFilter
from governance.exceptions.models import RuleException
from governance.usecases import queries as usecases
from governance.usecases.models import UseCase
from registry.filters import ModelFilter, VersionFilter
from registry.models import ModelVersion, RegisteredModel

TRAIL: Columns = [
    ("When", lambda entry: entry.at),
    ("Who", lambda entry: entry.actor_name),
    ("What", lambda entry: entry.sentence),
    ("Refused", lambda entry: "yes" if entry.refused else "no"),
    ("Reasons", lambda entry: " ".join(entry.told_reasons)),
    ("About", lambda entry: entry.subject_label),
    ("Event", lambda entry: entry.event),
    ("Request", lambda entry: entry.request_id),
]
MODELS: Columns = [
    ("Model", lambda model: model.name),
    ("Description", lambda model: model.description),
    ("Use case", lambda model: _title(_use_case(model))),
    ("Tier", lambda model: getattr(_use_case(model), "tier", None)),
    ("Aliases", lambda model: _aliases(model)),
    ("Newest version", lambda model: model.newest_number),
    ("Verdict", lambda model: model.verdict),
    ("Registered by", lambda model: str(model.created_by)),
    ("Registered", lambda model: model.created_at),
    ("Changed", lambda model: model.updated_at),
]
PROMPTS: Columns = [
    ("Prompt", lambda prompt: prompt.name),
    ("Description", lambda prompt: prompt.description),
    ("Newest text", lambda prompt: prompt.text),
    ("Aliases", lambda prompt: _aliases(prompt)),
    ("Newest version", lambda prompt: prompt.newest_number),
    ("Versions", lambda prompt: prompt.versions_count),
    ("Changed", lambda prompt: prompt.updated_at),
]
DATA_SETS: Columns = [
    ("Data set", lambda one: one.name),
    ("Version", lambda one: one.version),
    ("Use case", lambda one: _title(one.use_case)),
    ("Rows", lambda one: one.rows),
    ("From", lambda one: one.period_start),
    ("Until", lambda one: one.period_end),
    ("Licence", lambda one: one.licence),
    ("Sensitive columns", lambda one: ", ".join(one.sensitive_fields)),
    ("Digest", lambda one: one.digest),
    ("State", lambda one: one.get_state_display()),
]
EXCEPTIONS: Columns = [
    ("Version", lambda one: one.version.label),
    ("Use case", lambda one: one.use_case_title),
    ("Tier", lambda one: one.tier),
    ("Policy", lambda one: one.policy_label),
    ("Rule", lambda one: one.rule_text),
    ("Outcome", lambda one: one.outcome),
    ("State", lambda one: one.get_state_display()),
    ("Asked by", lambda one: one.asked_by_name),
    ("Asked", lambda one: one.asked_at),
    ("Granted", lambda one: one.granted_at),
    ("Until", lambda one: one.until),
    ("Ended", lambda one: one.ended_at),
    ("Reason", lambda one: one.reason),
    ("Compensation", lambda one: one.compensation),
    ("Closed", lambda one: one.closing_reason),
    ("Verdict's digest", lambda one: one.evidence_digest),
]
VERSIONS: Columns = [
    ("Version", lambda version: version.number),
    ("Description", lambda version: version.description),
    ("Stage", lambda version: version.stage),
    ("Aliases", lambda version: ", ".join(one.name for one in version.aliases.all())),
    ("Verdict", lambda version: version.verdict),
    ("Source", lambda version: version.source),
    ("Digest", lambda version: version.digest),
    ("Run", lambda version: version.run_id),
    ("Code", lambda version: version.code_commit),
    ("Training data", lambda version: version.training_data),
    ("Registered by", lambda version: str(version.created_by)),
    ("Registered", lambda version: version.created_at),
]


MEASUREMENTS: Columns = [
    (name, attrgetter(name))
    for name in (
        "metric", "slice_field", "slice_value", "value", "low", "high", "n", "positives",
        "method", "threshold", "unit", "direction",
    )
]  # fmt: skip


@login_required
def models(request: HttpRequest) -> StreamingHttpResponse:
    """The models, those without a use case, or the prompts: whichever tab was open."""
    visible = RegisteredModel.objects.visible_to(request.user)
    if request.GET.get("tab") == "prompts":
        found = ModelFilter(request.GET, visible)
        return streamed("prompts", figures.prompts(found.qs), PROMPTS)
    served = visible.without_prompts()
    if request.GET.get("tab") == "ungoverned":
        served = usecases.ungoverned(served)
    return streamed("models", figures.listed(ModelFilter(request.GET, served).qs), MODELS)


@login_required
def versions(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """The versions of one model, newest first."""
    live = _model(request, name).versions.live().order_by("-number")
    found = VersionFilter(request.GET, live).qs.select_related("created_by")
    return streamed(
        "versions", figures.with_verdict(found).prefetch_related("aliases"), VERSIONS
    )


@login_required
def model_trail(request: HttpRequest, name: str) -> StreamingHttpResponse:
    return _trail(request, trail.of_model(_model(request, name)))


@login_required
def version_trail(request: HttpRequest, name: str, number: int) -> StreamingHttpResponse:
    visible = ModelVersion.objects.visible_to(request.user)
    found = get_object_or_404(visible, model__name=name, number=number)
    return _trail(request, trail.of_version(found))


@login_required
def measurements(request: HttpRequest, pk: UUID) -> StreamingHttpResponse:
    """Every figure of an evaluation, on all rows and on every slice."""
    return streamed("measurements", _evaluation(request, pk).measurements.all(), MEASUREMENTS)


@login_required
def measurements_json(request: HttpRequest, pk: UUID) -> JsonResponse:
    """The same with the points of every chart."""
    found = _evaluation(request, pk)
    document = {
        "evaluation": str(found.pk),
        "version": found.version.label,
        "dataset": found.dataset,
        "rows": found.rows,
        "threshold": found.threshold,
        "data_digest": found.data_digest,
        "rows_digest": found.rows_digest,
        "code_version": found.code_version,
        "measurements": [
            {title: read(row) for title, read in MEASUREMENTS}
            for row in found.measurements.all()[:MOST_ROWS]
        ],
        "curves": list(found.curves.values("kind", "slice", "points")),
    }
    answer = JsonResponse(document, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="measurements.json"'
    return answer


@login_required
def audit(request: HttpRequest) -> StreamingHttpResponse:
    """The entries this person may read."""
    return _trail(request, Entry.objects.visible_to(request.user))


def _trail(request: HttpRequest, entries: QuerySet[Entry]) -> StreamingHttpResponse:
    return streamed("trail", EntryFilter(request.GET, entries).qs, TRAIL)


def _evaluation(request: HttpRequest, pk: UUID) -> Evaluation:
    visible = Evaluation.objects.visible_to(request.user).select_related("version__model")
    return get_object_or_404(visible, pk=pk)


def _model(request: HttpRequest, name: str) -> RegisteredModel:
    return get_object_or_404(RegisteredModel.objects.visible_to(request.user), name=name)


def _use_case(model: RegisteredModel) -> UseCase | None:
    governed = getattr(model, "governed", None)
    return governed.use_case if governed else None


def _title(use_case: UseCase | None) -> str:
    return use_case.title if use_case else ""


def _aliases(model: RegisteredModel) -> str:
    return ", ".join(f"{one.name} → v{one.version.number}" for one in model.aliases.all())


@login_required
def data_sets(request: HttpRequest) -> StreamingHttpResponse:
    visible = DataSet.objects.visible_to(request.user).select_related("use_case")
    return streamed("data-sets", DataSetFilter(request.GET, visible).qs, DATA_SETS)


@login_required
def exceptions(request: HttpRequest) -> StreamingHttpResponse:
    visible = RuleException.objects.visible_to(request.user).select_related("version__model")
    return streamed("exceptions", ExceptionListFilter(request.GET, visible).qs, EXCEPTIONS)
