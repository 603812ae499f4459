"""A governed model under a published policy, and versions of it that are evaluated and judged.

Pia edits policies, Mle runs evaluations and judgements, Cy is a stranger.
"""

from governance.blessing import services
from governance.usecases.services import adopt_model
from registry.services import create_version
from tests.accounts.factories import UserFactory
from tests.evaluation.factories import COLUMNS, measured, parquet, predictions
from tests.policies.factories import published
from tests.usecases.factories import person, registered_model, use_case

COSTS = {
    "cost_true_positive": 0,
    "cost_false_positive": 1,
    "cost_true_negative": 0,
    "cost_false_negative": 5,
}
RULES = (
    "auc floor: auc at least 0.60",
    "no regression: auc at least baseline minus 0.05",
    "weak groups: auc at least 0.50 for each age needs 50 rows and 20 positives",
    "four fifths: ratio(selection_rate, age) at least 0.80 needs 50 rows else warn",
)


def pia():
    return UserFactory(username="pia", groups=["policy editor"])


def policy(*rules, **parts):
    return published(pia(), *(rules or RULES), **parts)


def governed_model(name="credit-scoring", **fields):
    """A model in a tier 1 use case with costs."""
    case = use_case(f"case-of-{name}", MLE=person("mle"), tier=1, **COSTS, **fields)
    model = registered_model(name, owner=case.created_by)
    adopt_model(case, model, actor=case.created_by)
    return model


def version_of(model):
    return create_version(model, actor=person("mle"))


def evaluated(version, frame=None, **asked):
    """A measured evaluation of the version; its judgement is queued, not run."""
    frame = predictions() if frame is None else frame
    asked = {"columns": {**COLUMNS, "row_key": "id"}, **asked}
    return measured(version, actor=person("mle"), source=parquet(frame), **asked)


def blessed(version, frame=None, *, actor=None, **asked):
    return services.bless(evaluated(version, frame, **asked), actor=actor)
