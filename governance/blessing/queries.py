"""Reads over blessings for screens and for those who build on a verdict; changes nothing."""

from django.db.models import OuterRef, QuerySet, Subquery

from governance.blessing.models import Blessing, RuleResult
from governance.blessing.verdicts import Outcome, Verdict
from governance.evaluation.models import Evaluation
from governance.exceptions.models import RuleException
from governance.policies.rules import Severity
from registry.models import ModelVersion, RegisteredModel


def latest_blessing(version: ModelVersion) -> Blessing | None:
    """The newest verdict about the version, sufficient or not."""
    return (
        Blessing.objects.filter(version=version)
        .select_related(
            "policy_version__policy",
            "evaluation__created_by",
            "version__model",
            "baseline_version__model",
        )
        .first()
    )


def latest_of_each(versions: QuerySet[ModelVersion]) -> QuerySet[Blessing]:
    """The newest verdict of each version, in one query."""
    return Blessing.objects.filter(version__in=versions.values("pk"), pk=_newest("version"))


def latest_blessed(model: RegisteredModel, *, before: ModelVersion) -> ModelVersion | None:
    """The other live version of the model that was blessed last and whose newest verdict still suffices."""
    blessing = (
        Blessing.objects.sufficient()
        .filter(version__model=model, version__deleted_at=None, pk=_newest("version"))
        .exclude(version=before)
        .select_related("version__model")
        .first()
    )
    return blessing.version if blessing else None


def waiting_for(evaluation: Evaluation) -> QuerySet[Blessing]:
    """Newest verdicts that lacked just this version's figures on just these rows."""
    live = evaluation.version.model.versions.live()
    return latest_of_each(live).filter(
        baseline_version=evaluation.version,
        baseline_evaluation=None,
        evaluation__rows_digest=evaluation.rows_digest,
    )


def warnings(blessing: Blessing) -> QuerySet[RuleResult]:
    """The rules whose word stays with the verdict as a warning."""
    return blessing.results.filter(severity=Severity.WARN).exclude(
        outcome__in=[Outcome.PASS, Outcome.NO_BASELINE]
    )


def exceptions_under(blessing: Blessing) -> list[RuleException]:
    """The exceptions without which the verdict would not suffice, as they are today."""
    if blessing.verdict != Verdict.BLESSED_WITH_EXCEPTION:
        return []
    used = blessing.results.filter(exception__isnull=False).values_list("exception", flat=True)
    ids = [one["id"] for one in used]
    return list(RuleException.objects.filter(pk__in=ids).with_signatures().order_by("pk"))


def resting_on(exception: RuleException) -> QuerySet[Blessing]:
    """The verdicts that would not suffice without the exception."""
    results = RuleResult.objects.filter(exception__id=exception.pk)
    return Blessing.objects.filter(pk__in=results.values("blessing"))


def _newest(field: str) -> Subquery:
    newest = Blessing.objects.filter(**{field: OuterRef(field)}).order_by("-pk")
    return Subquery(newest.values("pk")[:1])
