"""Reads over infra checks for screens and for those who build on their figures; changes nothing."""

from django.db.models import OuterRef, QuerySet, Subquery

from governance.infra.models import InfraCheck
from registry.models import ModelVersion

# The findings that carry a figure others may compare, by the name rules know them under.
FIGURES = ("latency_p95", "memory_peak")


def latest_check(version: ModelVersion) -> InfraCheck | None:
    """The newest finished check of the version, whatever came of it."""
    return InfraCheck.objects.finished().filter(version=version).first()


def with_latest_check(versions: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """The same versions with `infra_check_key` and `infra_check_state` of their newest finished check."""
    newest = InfraCheck.objects.finished().filter(version=OuterRef("pk"))
    return versions.annotate(
        infra_check_key=Subquery(newest.values("pk")[:1]),
        infra_check_state=Subquery(newest.values("state")[:1]),
    )


def checks_of(version: ModelVersion) -> QuerySet[InfraCheck]:
    """Checks of a version, newest first, with who asked and the job."""
    return InfraCheck.objects.filter(version=version).select_related("created_by", "job")


def figures_of(check: InfraCheck) -> dict[str, float | None]:
    """`latency_p95` in milliseconds a row and `memory_peak` in megabytes; nothing where not measured."""
    found = dict(check.findings.filter(key__in=FIGURES).values_list("key", "value"))
    return {key: found.get(key) for key in FIGURES}
