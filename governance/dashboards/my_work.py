"""What waits for one person: to sign, to advise on, to do, and what they were told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals import queries as approvals
from governance.approvals.models import Consultation, Finding, Request
from governance.blessing.queries import latest_of_each
from governance.blessing.verdicts import Verdict
from governance.exceptions import queries as exceptions
from governance.jobs.models import Job
from governance.notifications.models import Notification
from governance.policies.models import PolicyVersion
from governance.responsibility.addresses import slug_of
from raci import queries as raci
from raci.acceptance import Acceptance, to_accept
from raci.models import Matrix
from registry.models import ModelVersion

TOLD = 20
BUILDING = ("train_model", "register_version", "run_blessing")
MATRIX = ("define_use_case",)
# Kinds of background work, and the activity whose R mends it.
PERFORMED_BY = {
    "evaluation.measure": "run_blessing",
    "blessing.judge": "run_blessing",
    "infra.check": "infra_check",
}
LATELY = timedelta(days=31)


@dataclass(frozen=True)
class Task:
    """Something to mend: what, why it falls to this person, and where."""

    title: str
    why: str
    sentence: str
    link: str
    since: datetime | None = None


@dataclass(frozen=True)
class MyWork:
    to_sign: list[approvals.Waiting]
    to_except: list[exceptions.Waiting]
    to_advise: list[Consultation]
    to_do: list[Task]
    to_accept: list[Acceptance]
    told: list[Notification]

    @property
    def count(self) -> int:
        """What only this person can clear away."""
        signing = len(self.to_sign) + len(self.to_except)
        return signing + len(self.to_advise) + len(self.to_do) + len(self.to_accept)


def my_work(user: User) -> MyWork:
    duties = raci.duties(user)
    to_sign, to_except = approvals.to_sign(user, duties)
    return MyWork(
        to_sign=to_sign,
        to_except=to_except,
        to_advise=list(approvals.advice_wanted(user)),
        to_do=[
            *_refused_versions(duties),
            *_policies(user),
            *_rework(user),
            *_conditions(user),
            *_failed_jobs(user, duties),
            *_gaps(duties),
        ],
        to_accept=to_accept(user),
        told=list(Notification.objects.filter(user=user)[:TOLD]),
    )


def _refused_versions(duties: list[raci.Duty]) -> list[Task]:
    """Newest versions that are not blessed, for those who build the model."""
    building = {
        duty.scope: duty
        for duty in duties
        if duty.activity_key in BUILDING and duty.carries("R")
    }
    cases = [scope.removeprefix("use-case:") for scope in building]
    versions = (
        ModelVersion.objects.live()
        .filter(model__governed__use_case__slug__in=cases, model__deleted_at=None)
        .order_by("model_id", "-number")
        .distinct("model_id")
    )
    newest = ModelVersion.objects.filter(pk__in=versions.values("pk"))
    open_verdicts = [Verdict.NOT_BLESSED, Verdict.UNDECIDED, Verdict.NOT_EVALUATED]
    verdicts = (
        latest_of_each(newest)
        .filter(verdict__in=open_verdicts)
        .select_related("version__model__governed__use_case")
    )
    return [
        Task(
            title=f"{one.version.label}: {one.get_verdict_display().lower()}",
            why=_why(building[one.version.model.governed.use_case.scope]),
            sentence=one.sentence,
            link=one.version.get_absolute_url(),
            since=one.created_at,
        )
        for one in verdicts
    ]


def _policies(user: User) -> list[Task]:
    """What another editor gave to review, and what came back from there."""
    tasks = []
    for version in PolicyVersion.objects.waiting_for(user):
        if version.is_draft:
            title, why = f"{version.label} came back from review", "You wrote it"
            sentence, since = version.returned_reason, version.returned_at
        else:
            title, why = (
                f"{version.label} is in review",
                "You edit policies and did not write it",
            )
            sentence, since = "Read it, then publish it or send it back.", version.submitted_at
        tasks.append(Task(title, why, sentence, version.get_absolute_url(), since))
    return tasks


def _rework(user: User) -> list[Task]:
    """Requests for which changes were asked of this person."""
    asked = Request.objects.filter(requester=user, state=Request.State.REWORK)
    return [
        Task(
            title=f"Changes asked for: {one}",
            why="You asked for this approval",
            sentence="Read what is asked, change it, and hand the request in again.",
            link=one.get_absolute_url(),
            since=one.round_began_at,
        )
        for one in asked.select_related("version__model")
    ]


def _conditions(user: User) -> list[Task]:
    """Conditions the person has to see to, and those they set that are reported done."""
    mine = Q(owner=user, reported_at=None) | Q(vote__user=user, reported_at__isnull=False)
    found = Finding.objects.filter(mine, closed_at=None).select_related(
        "request__version__model", "vote"
    )
    return [_condition(one, user) for one in found[:TOLD]]


def _condition(finding: Finding, user: User) -> Task:
    link = f"{finding.request.get_absolute_url()}#conditions"
    if finding.reported_at:
        title, why = f"Reported done: {finding.request}", "You set this condition"
        return Task(title, why, finding.report, link, finding.reported_at)
    title = f"Due {finding.due_on:%d %B %Y}: {finding.request}"
    why = f"{finding.vote.user_name} approved on this condition, and you see to it"
    return Task(title, why, finding.text, link, finding.vote.signed_at)


def _failed_jobs(user: User, duties: list[raci.Duty]) -> list[Task]:
    """What failed of one's own, and lately of the models for which one is Responsible for such work."""
    responsible = {
        (kind, duty.scope): duty
        for duty in duties
        for kind, activity in PERFORMED_BY.items()
        if duty.activity_key == activity and duty.carries("R")
    }
    theirs = Q(pk__in=[])
    for kind in PERFORMED_BY:
        cases = [slug_of(scope) for of, scope in responsible if of == kind]
        theirs |= Q(kind=kind, model__governed__use_case__slug__in=cases)
    recent = Q(finished_at__gte=timezone.now() - LATELY)
    failed = Job.objects.filter(Q(created_by=user) | theirs & recent, state=Job.State.FAILED)
    return [
        Task(
            str(job),
            "You started it" if job.created_by_id == user.pk else _why(_duty(job, responsible)),
            job.reason,
            job.get_absolute_url(),
            job.finished_at,
        )
        for job in failed.select_related("model__governed__use_case")[:TOLD]
    ]


def _duty(job: Job, responsible: dict[tuple[str, str], raci.Duty]) -> raci.Duty:
    return responsible[job.kind, job.model.governed.use_case.scope]


def _gaps(duties: list[raci.Duty]) -> list[Task]:
    """Roles that nobody holds, for those who answer for the use case."""
    owned = {
        duty.scope: duty for duty in duties if duty.activity_key in MATRIX and duty.carries("A")
    }
    return [
        Task(
            f"{role.matrix.title}: nobody is {role.title}",
            _why(owned[role.matrix.scope]),
            f"The role {role.code} carries letters in the RACI matrix and is not held.",
            f"/raci/{role.matrix.scope.removeprefix('use-case:')}/",
        )
        for role in raci.unfilled_in(Matrix.objects.filter(scope__in=owned))
    ]


def _why(duty: raci.Duty) -> str:
    return f"{duty.sentence} in {duty.matrix_title}"
