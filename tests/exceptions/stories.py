"""A version that was really measured and judged, with one rule that is red, and its way from there.

Ada registers, Mle evaluates, Mo owns the model and asks, Rui and Bo grant and sign, Olu releases.
"""

from governance.blessing import queries
from governance.blessing.models import Blessing
from governance.cards import services as cards
from governance.exceptions.models import RuleException
from governance.jobs import runner
from governance.jobs.models import Job
from governance.release import asking
from governance.release.models import Clearance
from governance.usecases import services as usecases
from registry import services as registry
from tests.accounts.factories import person
from tests.approvals.factories import RELEASE, VALIDATION
from tests.approvals.factories import sign as vote
from tests.blessing.factories import COSTS
from tests.cards.factories import TEXTS
from tests.evaluation.factories import COLUMNS, measured, parquet, predictions
from tests.exceptions.factories import ask_about, sign
from tests.policies import factories as policies
from tests.usecases.factories import kpi, use_case

RED = "ambition: auc at least 0.99"
POSITION = 1


def work():
    """Does what waits for a worker."""
    while job := Job.objects.filter(state="queued").order_by("created_at").first():
        runner.run(str(job.pk))


def red(rule=RED, *, tier=1, extra="") -> Blessing:
    """A governed version, evaluated and judged: one rule passes, the other does not."""
    case = use_case(
        "credit",
        tier=tier,
        need="Lend well.",
        positive_meaning="defaults",
        MO=person("mo"),
        RV=person("rui"),
        DS=person("ada"),
        MLE=person("mle"),
        OPS=person("olu"),
        **COSTS,
    )
    kpi(case)
    person("bo")
    model = registry.create_model("credit-scoring", actor=person("ada"))
    usecases.adopt_model(case, model, actor=person("root", "administrator"))
    publish(rule, tier=tier, extra=extra)
    version = registry.create_version(model, actor=person("ada"), source="s3://models/1")
    for key in ("code_commit", "training_data"):
        registry.set_tag(version, key, "abc", actor=person("ada"))
    cards.revise(version, actor=person("ada"), **TEXTS)
    measured(
        version,
        actor=person("mle"),
        source=parquet(predictions()),
        columns={**COLUMNS, "row_key": "id"},
    )
    work()
    return queries.latest_blessing(version)


def publish(rule=RED, *, tier=1, extra=""):
    text = policies.policy_text(
        "floor: auc at least 0.55", rule, applies_to=f"{{tiers: [{tier}]}}"
    )
    head, _, end = text.partition("approvals:\n")
    _, _, end = end.partition("\n")
    text = f"{head}approvals:\n  - {VALIDATION}\n  - {RELEASE}\n{end}{extra}"
    editor = person("pol", "policy editor")
    draft = policies.services.draft("credit", text, actor=editor)
    return policies.put_in_force(draft)


def ask(blessing, *, position=POSITION, **changes) -> RuleException:
    return ask_about(blessing, position, **changes)


def excepted(**changes) -> Blessing:
    """The newest verdict, after the exception was granted and the version judged again."""
    exception = ask(red(), **changes)
    sign(exception, "rui")
    sign(exception, "bo")
    work()
    return queries.latest_blessing(exception.version)


def requested(blessing):
    return asking.request_promotion(blessing.version, actor=person("ada"))


def cleared(blessing) -> Clearance:
    request = requested(blessing)
    vote(request, "rui")
    vote(request, "bo")
    return Clearance.objects.get(request=request)
