"""What infra checks found about many versions at once, for rules that were not asked when they were judged."""

from collections.abc import Collection

from governance.blessing.figures import Figure
from governance.infra.models import InfraCheck, InfraFinding
from governance.policies.vocabulary import INFRA
from registry.models import ModelVersion


def infra_figures(versions: Collection[int]) -> dict[int, list[Figure]]:
    """Latency and memory by version, of its newest check if that passed and looked at its own artifact."""
    newest = (
        InfraCheck.objects.finished()
        .filter(version__in=versions)
        .order_by("version_id", "-finished_at")
        .distinct("version_id")
    )
    own = _digests([check.version_id for check in newest])
    counted = {
        check.pk: check.version_id
        for check in newest
        if check.state == InfraCheck.State.PASSED
        and own[check.version_id] in ("", check.artifact_digest)
    }
    found: dict[int, list[Figure]] = {}
    findings = InfraFinding.objects.filter(check_made__in=counted, key__in=INFRA)
    for one in findings.exclude(value=None).order_by("key"):
        version = counted[one.check_made_id]
        found.setdefault(version, []).append(Figure(one.key, value=one.value))
    return found


def _digests(versions: Collection[int]) -> dict[int, str]:
    """The digest each artifact was pinned with, or else declared."""
    rows = ModelVersion.objects.filter(pk__in=versions).order_by()
    digests = rows.values_list("pk", "artifact__digest", "digest")
    return {pk: pinned or declared for pk, pinned, declared in digests}
