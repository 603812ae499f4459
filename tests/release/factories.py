"""Clearances for tests, on the approvals' story: Ada builds, Rui validates, Bo approves, Olu releases."""

from governance.cards import services as cards
from governance.evaluation.models import Measurement
from governance.release import asking
from governance.release.models import Clearance
from governance.usecases import services as usecases
from registry import services as registry
from tests.accounts.factories import PASSWORD, person
from tests.approvals import factories as approvals
from tests.approvals.factories import judged, policy, sign
from tests.cards.factories import TEXTS
from tests.registry.factories import DIGEST

__all__ = ["PASSWORD", "cleared", "judged", "person", "policy", "ready", "requested", "sign"]


def ready(slug="credit", **changes):
    """A blessed version with a complete card: everything but the signatures."""
    told = approvals.story(slug, MO=[person("mo")], OPS=[person("olu")], **changes)
    bo = person("bo")
    usecases.revise(told.use_case, actor=bo, need="Lend well.", cost_false_negative=5.0)
    usecases.define_kpi(
        told.use_case,
        actor=bo,
        key="bad_rate",
        title="Bad rate",
        unit="%",
        direction="lower",
        target=5.0,
    )
    return completed(told)


def completed(told):
    Measurement.objects.create(
        evaluation=told.blessing.evaluation,
        metric="auc",
        value=0.79,
        low=0.74,
        high=0.84,
        n=400,
        method="DeLong",
    )
    ada = person("ada")
    for key in ("code_commit", "training_data"):
        registry.set_tag(told.version, key, "abc", actor=ada)
    cards.revise(told.version, actor=ada, **TEXTS)
    return told


def challenger(told):
    """The next version of the same model, as ready as the first."""
    version = registry.create_version(
        told.version.model, actor=person("ada"), source="s3://models/2", digest=DIGEST
    )
    return completed(judged(told.use_case, version, told.policy, by=person("ada")))


def requested(told=None, *, actor=None, **asked):
    told = told or ready()
    return asking.request_promotion(told.version, actor=actor or person("ada"), **asked)


def cleared(told=None, **asked) -> Clearance:
    request = requested(told, **asked)
    sign(request, "rui")
    sign(request, "bo")
    return Clearance.objects.get(request=request)
