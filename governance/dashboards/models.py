"""What lists and pages of models aggregate over several packages; decides nothing."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.blessing.models import Blessing
from governance.blessing.queries import latest_of_each
from governance.evaluation.models import Measurement
from governance.exceptions.models import RuleException
from governance.exceptions.queries import by_version, in_force_of
from governance.metrics import METRICS
from registry.models import (
    IS_PROMPT,
    PROMPT_TEXT,
    Alias,
    ModelVersion,
    RegisteredModel,
    VersionTag,
)

SHOWN = ("auc", "cost", "selection_rate")


@dataclass(frozen=True)
class VersionRow:
    """A version in the table of its model: where it is pointed to, its verdict, its main figures."""

    version: ModelVersion
    aliases: list[str]
    blessing: Blessing | None
    figures: list[Measurement | None]
    exceptions: list[RuleException]

    @property
    def titled_figures(self) -> list[tuple[str, Measurement | None]]:
        """Each shown metric by its title; None where it was not measured."""
        return list(zip(shown_titles(), self.figures, strict=True))


def listed(models: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
    """Adds to each model its use case, aliases, newest version and that version's verdict."""
    newest = ModelVersion.objects.live().filter(model=OuterRef("pk")).order_by("-number")
    verdicts = Blessing.objects.filter(
        version__model=OuterRef("pk"), version__number=OuterRef("newest_number")
    ).order_by("-pk")
    return (
        models.select_related("governed__use_case", "created_by")
        .prefetch_related(Prefetch("aliases", Alias.objects.select_related("version")))
        .annotate(newest_number=Subquery(newest.values("number")[:1]))
        .annotate(verdict=Subquery(verdicts.values("verdict")[:1]))
    )


def prompts(models: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
    """Adds to each prompt its aliases, how many versions it has, and the newest text."""
    live = ModelVersion.objects.live().filter(model=OuterRef("pk")).order_by("-number")
    texts = VersionTag.objects.filter(
        version__model=OuterRef("pk"),
        version__number=OuterRef("newest_number"),
        key=PROMPT_TEXT,
    )
    counted = live.order_by().values("model").annotate(count=Count("pk")).values("count")
    return (
        models.prompts()
        .select_related("governed__use_case", "created_by")
        .prefetch_related(Prefetch("aliases", Alias.objects.select_related("version")))
        .annotate(newest_number=Subquery(live.values("number")[:1]))
        .annotate(versions_count=Coalesce(Subquery(counted), 0))
        .annotate(text=Subquery(texts.values("value")[:1]))
    )


def with_verdict(versions: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """Adds to each version its newest verdict."""
    newest = Blessing.objects.filter(version=OuterRef("pk")).order_by("-pk")
    return versions.annotate(verdict=Subquery(newest.values("verdict")[:1]))


def prompt_text(version: ModelVersion) -> str | None:
    """The text of a prompt's version; None for a version of a model. Reads the tags already fetched."""
    tags = {tag.key: tag.value for tag in version.tags.all()}
    is_prompt = tags.get(IS_PROMPT) == "true" or PROMPT_TEXT in tags
    return tags.get(PROMPT_TEXT, "") if is_prompt else None


def version_rows(model: RegisteredModel) -> list[VersionRow]:
    """Every live version, newest first, in five queries however many there are."""
    versions = model.versions.live().select_related("created_by").order_by("-number")
    verdicts = {one.version_id: one for one in latest_of_each(versions)}
    figures = _figures([one.evaluation_id for one in verdicts.values()])
    excepted = by_version(in_force_of(versions))
    pointed: dict[int, list[str]] = {}
    for alias in Alias.objects.filter(model=model):
        pointed.setdefault(alias.version_id, []).append(alias.name)
    rows = []
    for version in versions:
        version.model = model
        blessing = verdicts.get(version.pk)
        measured = figures.get(blessing.evaluation_id, {}) if blessing else {}
        values = [measured.get(metric) for metric in SHOWN]
        aliases = pointed.get(version.pk, [])
        held = excepted.get(version.pk, [])
        rows.append(VersionRow(version, aliases, blessing, values, held))
    return rows


def shown_titles() -> list[str]:
    return [METRICS[key].title for key in SHOWN]


def _figures(evaluations: list) -> dict[object, dict[str, Measurement]]:
    found: dict[object, dict[str, Measurement]] = {}
    rows = Measurement.objects.overall().filter(evaluation__in=evaluations, metric__in=SHOWN)
    for row in rows:
        found.setdefault(row.evaluation_id, {})[row.metric] = row
    return found
