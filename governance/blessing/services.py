"""The acts of judging: bless a finished evaluation, and check a blessing by judging again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from governance.accounts.queries import is_administrator
from governance.audit import services as audit
from governance.audit.events import Event
from governance.blessing import frozen as freezing
from governance.blessing import signals
from governance.blessing.evidence import Gathered, gather
from governance.blessing.models import Blessing, RuleResult
from governance.errors import Conflict, NotAllowed
from governance.evaluation.models import Evaluation
from governance.jobs import services as jobs
from governance.policies.models import PolicyVersion
from governance.policies.queries import applicable_to_model
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci

if TYPE_CHECKING:
    from governance.accounts.models import User
    from governance.jobs.models import Job

ACTIVITY = "run_blessing"
KIND = "blessing.judge"


@dataclass(frozen=True)
class Prepared:
    """A judgement that is made and not yet written down."""

    gathered: Gathered
    frozen: dict


@dataclass(frozen=True)
class Reproduction:
    """What judging the frozen inputs again came to."""

    verdict: str
    digest: str
    is_same: bool
    sentence: str


def bless(evaluation: Evaluation, *, actor: "User | None") -> Blessing:
    """Judges a finished evaluation by the policy that applies now; every call is a new blessing."""
    with audit.refusals_recorded(Event.BLESSING_GIVEN, evaluation, actor=actor):
        _check_may_bless(evaluation, actor)
    prepared = prepare(evaluation)
    with transaction.atomic(durable=True):
        return store(prepared, actor=actor)


def request_judgement(evaluation: Evaluation, *, actor: "User") -> "Job":
    """Queues a judgement by the policy that applies now; the verdict is a new blessing."""
    with (
        audit.refusals_recorded(Event.BLESSING_GIVEN, evaluation, actor=actor),
        transaction.atomic(durable=True),
    ):
        _check_may_bless(evaluation, actor)
        _check_finished(evaluation)
        _policy_for(evaluation)
        return enqueue_judgement(evaluation, actor=actor)


def enqueue_judgement(evaluation: Evaluation, *, actor: "User | None") -> "Job":
    """Queues it in the caller's transaction, whoever caused it."""
    return jobs.enqueue(
        KIND,
        actor=actor,
        subject=evaluation,
        model=evaluation.version.model,
        arguments={"evaluation": str(evaluation.pk)},
    )


def may_judge(user: "User", use_case: UseCase | None) -> bool:
    """Administrators may, and who is Responsible or Accountable for blessing in the use case."""
    if is_administrator(user):
        return True
    found = raci.duty_of(user, use_case.scope, ACTIVITY) if use_case else None
    return found is not None and (found.carries("R") or found.carries("A"))


def prepare(evaluation: Evaluation) -> Prepared:
    """Gathers and judges without writing; raises Conflict with the reason where nothing can be judged."""
    _check_finished(evaluation)
    policy_version = _policy_for(evaluation)
    gathered = gather(evaluation, policy_version, today=timezone.localdate())
    return Prepared(gathered, freezing.freeze(gathered.inputs))


def store(prepared: Prepared, *, actor: "User | None") -> Blessing:
    """Writes the judgement down, in the caller's transaction."""
    gathered, frozen = prepared.gathered, prepared.frozen
    judgement = frozen["judgement"]
    blessing = Blessing.objects.create(
        version=gathered.evaluation.version,
        evaluation=gathered.evaluation,
        policy_version=gathered.policy_version,
        verdict=judgement["verdict"],
        sentence=judgement["sentence"],
        baseline_version=gathered.baseline.version,
        baseline_evaluation=gathered.baseline.evaluation,
        comparison=frozen["baseline"]["differences"],
        frozen=frozen,
        digest=freezing.digest(frozen),
        code_version=frozen["code_version"],
        created_by=actor,
    )
    RuleResult.objects.bulk_create(
        RuleResult(blessing=blessing, position=position, **rule)
        for position, rule in enumerate(judgement["rules"])
    )
    audit.record(
        Event.BLESSING_GIVEN,
        blessing,
        actor=actor,
        verdict=blessing.verdict,
        policy=gathered.policy_version.label,
        evaluation=str(gathered.evaluation.pk),
        digest=blessing.digest,
    )
    signals.judged.send(Blessing, blessing=blessing)
    return blessing


def reproduce(blessing: Blessing) -> Reproduction:
    """Judges the frozen inputs again; the same code comes to the same digest, or something was changed."""
    again = freezing.freeze(freezing.thaw(blessing.frozen))
    digest, verdict = freezing.digest(again), again["judgement"]["verdict"]
    is_same = digest == blessing.digest and verdict == blessing.verdict
    if is_same:
        sentence = (
            "Judged again from the frozen evidence: the same verdict and the same digest."
        )
    elif blessing.code_version != freezing.CODE_VERSION:
        sentence = (
            f"Judged by {blessing.code_version}; {freezing.CODE_VERSION} comes to “{verdict}”."
        )
    else:
        sentence = "The frozen evidence no longer gives this verdict: it was changed."
    return Reproduction(verdict, digest, is_same, sentence)


def _check_finished(evaluation: Evaluation) -> None:
    if not evaluation.is_finished:
        raise Conflict(
            f"The evaluation is {evaluation.state}; only a finished one can be judged."
        )


def _policy_for(evaluation: Evaluation) -> PolicyVersion:
    applicable = applicable_to_model(evaluation.version.model)
    if applicable.policy_version is None:
        raise Conflict(applicable.reason, code="no_policy")
    return applicable.policy_version


def _check_may_bless(evaluation: Evaluation, actor: "User | None") -> None:
    """The system may, and who may judge in the use case."""
    if actor is None or may_judge(actor, use_case_of(evaluation.version.model)):
        return
    raise NotAllowed("Judging needs Responsible or Accountable for running the blessing.")
