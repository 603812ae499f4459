"""Judged versions in the past, and back-tests over them. Mle may see the models, Cy may not."""

from governance.backtests import services
from governance.backtests.models import BackTest
from governance.backtests.selection import Selection
from governance.jobs import runner
from governance.policies import services as policies
from tests.accounts.factories import person
from tests.blessing.factories import blessed, governed_model, pia, policy, version_of
from tests.evaluation.factories import predictions
from tests.policies.factories import policy_text

__all__ = ["blessed", "governed_model", "person", "pia", "policy", "version_of"]

LENIENT = "auc floor: auc at least 0.60"
# The scores of predictions() have an AUC of about 0.7.
STRICT = "auc floor: auc at least 0.999"


def past(versions=3, *, name="credit-scoring"):
    """A governed model with so many versions that passed a lenient policy."""
    policy(LENIENT)
    model = governed_model(name)
    return [blessed(version_of(model)) for _ in range(versions)]


def failing(model):
    """A version whose scores say nothing."""
    return blessed(version_of(model), predictions(score=0.5))


def draft(*rules, **parts):
    """The next version of the policy, not in force."""
    return policies.draft("credit", policy_text(*(rules or (STRICT,)), **parts), actor=pia())


def requested(version=None, *, actor=None, text="", **selection) -> BackTest:
    """A back-test that was asked for; without a version or a text, of a strict draft."""
    version = version or (None if text else draft())
    return services.request_back_test(
        actor=actor or person("mle"),
        policy_version=version,
        text=text,
        selection=Selection(**selection),
    )


def run(back_test) -> BackTest:
    runner.run(str(back_test.job_id))
    return BackTest.objects.select_related("job").get(pk=back_test.pk)


def finished(version=None, **asked) -> BackTest:
    return run(requested(version, **asked))
