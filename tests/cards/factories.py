"""Cards for tests, on the approvals' story: Ada builds and writes, Mo owns, Cy is a stranger."""

from governance.cards import services
from governance.evaluation.models import Measurement
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.factories import story

TEXTS = {
    "overview": "Scores credit applications.",
    "intended_use": "Decide on consumer credit up to 10,000.",
    "out_of_scope": "Business loans.",
    "limitations": "Few applicants under 25.",
}

__all__ = ["TEXTS", "measure", "next_version", "person", "story", "written"]


def written(version, *, by=None, **texts):
    return services.revise(version, actor=by or person("ada"), **(TEXTS | texts))


def next_version(version, **fields):
    return registry.create_version(version.model, actor=version.created_by, **fields)


def measure(evaluation, metric="auc", **fields):
    defaults = {"value": 0.79, "low": 0.74, "high": 0.84, "n": 400, "method": "DeLong"}
    return Measurement.objects.create(
        evaluation=evaluation, metric=metric, **{**defaults, **fields}
    )
