"""The job that judges each finished evaluation of a governed model; the judging is in services."""

from typing import TYPE_CHECKING

from governance.blessing import services
from governance.blessing.models import Blessing
from governance.blessing.queries import exceptions_under, latest_blessing, waiting_for
from governance.blessing.signals import judged
from governance.evaluation.models import Evaluation
from governance.evaluation.signals import evaluated
from governance.exceptions import signals as exceptions
from governance.exceptions.models import RuleException
from governance.infra.models import InfraCheck
from governance.infra.signals import checked
from governance.jobs import handlers
from governance.policies.vocabulary import INFRA
from governance.usecases.queries import use_case_of
from registry.models import ModelVersion, RegisteredModel

if TYPE_CHECKING:
    from governance.jobs.handlers import Progress
    from governance.jobs.models import Job


def connect() -> None:
    handlers.register(services.KIND, title="Judgement", work=work, store=store)
    evaluated.connect(judge_soon, dispatch_uid="blessing.judge_soon")
    checked.connect(judge_checked, dispatch_uid="blessing.judge_checked")
    exceptions.changed.connect(judge_excepted, dispatch_uid="blessing.judge_excepted")
    judged.connect(judge_outdated, dispatch_uid="blessing.judge_outdated")


def judge_soon(evaluation: Evaluation, **_: object) -> None:
    """Queues the judgement with the end of the evaluation; an ungoverned model is never judged."""
    if use_case_of(evaluation.version.model) is None:
        return
    services.enqueue_judgement(evaluation, actor=evaluation.created_by)
    for blessing in waiting_for(evaluation):
        services.enqueue_judgement(blessing.evaluation, actor=evaluation.created_by)


def judge_checked(check: InfraCheck, **_: object) -> None:
    """A new infra check is new evidence, where the policy that judged last asks for its figures."""
    blessing = latest_blessing(check.version)
    rules = blessing.policy_version.parsed.rules if blessing else ()
    if any(rule.metric in INFRA for rule in rules):
        judge_again(check.version)


def judge_excepted(exception: RuleException, was: str, **_: object) -> None:
    """An exception that begins or ends to hold may change the verdict, by a new one only."""
    held_or_holds = RuleException.State.GRANTED in (was, exception.state)
    if held_or_holds and exception.version.deleted_at is None:
        judge_again(exception.version)


def judge_outdated(blessing: Blessing, **_: object) -> None:
    """An exception may have ended while the worker judged with it.

    Under the lock that every change of an exception takes, one of the two comes first.
    """
    if blessing.verdict != Blessing.Verdict.BLESSED_WITH_EXCEPTION:
        return
    RegisteredModel.objects.select_for_update().get(pk=blessing.version.model_id)
    if not all(one.is_in_force for one in exceptions_under(blessing)):
        judge_again(blessing.version)


def judge_again(version: ModelVersion) -> None:
    """Queues a new judgement of what the version was judged on last, if it ever was.

    An evaluation that has finished since is the one to judge; an older one must not have the last word.
    """
    blessing = latest_blessing(version)
    if blessing is None or use_case_of(version.model) is None:
        return
    since = version.evaluations.finished().filter(finished_at__gt=blessing.created_at)
    evaluation = since.order_by("-finished_at").first() or blessing.evaluation
    services.enqueue_judgement(evaluation, actor=evaluation.created_by)


def work(job: "Job", progress: "Progress") -> services.Prepared:
    progress(0, 1, "Comparing with the baseline")
    evaluation = Evaluation.objects.select_related("version__model").get(
        pk=job.arguments["evaluation"]
    )
    return services.prepare(evaluation)


def store(job: "Job", prepared: services.Prepared) -> dict:
    """Runs in the transaction that ends the job, so a doubled worker never judges twice."""
    blessing = services.store(prepared, actor=job.created_by)
    return {"blessing": blessing.pk, "verdict": blessing.verdict, "sentence": blessing.sentence}
