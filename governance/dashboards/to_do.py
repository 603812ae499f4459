"""What a person has to do besides signing: what it is, why it falls to them, and where it is mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals.models import Request
from governance.blessing.queries import latest_of_each
from governance.blessing.verdicts import Verdict
from governance.dashboards.lines import MOST, Line, Lines
from governance.jobs.models import Job
from governance.policies.models import PolicyVersion
from governance.usecases.addresses import scope_of, slug_of
from raci import queries as raci
from registry.models import ModelVersion, RegisteredModel

BUILDING = ("train_model", "register_version", "run_blessing")
MATRIX = ("define_use_case",)
# Kinds of background work, and the activity whose R mends it.
PERFORMED_BY = {
    "evaluation.measure": "run_blessing",
    "blessing.judge": "run_blessing",
    "infra.check": "infra_check",
}
LATELY = timedelta(days=31)
REVIEW, SWITCH_OFF = "periodic_review", "execute_retirement"


@dataclass(frozen=True)
class Task:
    """Something to mend: what, why it falls to this person, and where."""

    title: str
    why: str
    sentence: str
    link: str
    since: datetime | None = None


def tasks(
    user: User, duties: list[raci.Duty], found: Lines, requests: Mapping[int, Request]
) -> list[Task]:
    """Everything of one's own, out of the lines and their requests."""
    return [
        *_refused_versions(duties),
        *_policies(user),
        *_escalated(found, requests),
        *(_rework(requests[one.request]) for one in found["rework"]),
        *conditions(found, requests),
        *(_failed_job(one, user, duties) for one in found["job"]),
        *_gaps(found, duties),
        *(_to_validate_again(one, duties) for one in found["revalidation"]),
        *(_to_switch_off(one, duties) for one in found["retirement"]),
    ]


def conditions(found: Lines, requests: Mapping[int, Request]) -> list[Task]:
    """Conditions the person has to see to, and those they set that are reported done."""
    return [
        *(_condition(one, requests[one.request]) for one in found["condition"]),
        *(_reported(one, requests[one.request]) for one in found["reported"]),
    ]


def failed(user: User, duties: list[raci.Duty]) -> Q:
    """Jobs of one's own, and lately of the models for which one is Responsible for such work."""
    theirs = Q(pk__in=[])
    for kind in PERFORMED_BY:
        cases = [slug_of(scope) for of, scope in _performed(duties) if of == kind]
        theirs |= Q(kind=kind, model__governed__use_case__slug__in=cases)
    recent = Q(finished_at__gte=timezone.now() - LATELY)
    return Q(created_by=user) | theirs & recent


def owned(duties: list[raci.Duty]) -> dict[str, raci.Duty]:
    """The scopes whose matrix the person answers for."""
    return {
        duty.scope: duty for duty in duties if duty.activity_key in MATRIX and duty.carries("A")
    }


def carried(duties: list[raci.Duty], activity: str) -> dict[str, raci.Duty]:
    """The scopes in which the person performs or answers for the activity."""
    return {
        duty.scope: duty
        for duty in duties
        if duty.activity_key == activity and (duty.carries("R") or duty.carries("A"))
    }


def _refused_versions(duties: list[raci.Duty]) -> list[Task]:
    """Newest versions that are not blessed, for those who build the model."""
    building = {
        duty.scope: duty
        for duty in duties
        if duty.activity_key in BUILDING and duty.carries("R")
    }
    cases = [slug_of(scope) for scope in building]
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
        for one in verdicts[:MOST]
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


def _escalated(found: Lines, requests: Mapping[int, Request]) -> list[Task]:
    """Overdue steps that went on to the person, as long as they are not signed."""
    waiting = {step.pk for one in requests.values() for step in one.open_steps}
    return [
        Task(
            f"Overdue: {requests[one.request]}",
            f"You are {one.who}",
            f"The step {one.title} is not signed; see to it that it is.",
            requests[one.request].get_absolute_url(),
            one.at,
        )
        for one in found["escalated"]
        if one.person in waiting
    ]


def _rework(request: Request) -> Task:
    return Task(
        title=f"Changes asked for: {request}",
        why="You asked for this approval",
        sentence="Read what is asked, change it, and hand the request in again.",
        link=request.get_absolute_url(),
        since=request.round_began_at,
    )


def _condition(line: Line, request: Request) -> Task:
    return Task(
        f"Due {line.day:%d %B %Y}: {request}",
        f"{line.who} approved on this condition, and you see to it",
        line.text,
        f"{request.get_absolute_url()}#conditions",
        line.at,
    )


def _reported(line: Line, request: Request) -> Task:
    link = f"{request.get_absolute_url()}#conditions"
    return Task(f"Reported done: {request}", "You set this condition", line.text, link, line.at)


def _failed_job(line: Line, user: User, duties: list[raci.Duty]) -> Task:
    job = Job(pk=line.key, kind=line.url, subject_label=line.title)
    if line.person == user.pk:
        why = "You started it"
    else:
        why = _why(_performed(duties)[job.kind, scope_of(line.who)])
    return Task(str(job), why, line.text, job.get_absolute_url(), line.at)


def _performed(duties: list[raci.Duty]) -> dict[tuple[str, str], raci.Duty]:
    """The work the person is Responsible for, by its kind and scope."""
    return {
        (kind, duty.scope): duty
        for duty in duties
        for kind, activity in PERFORMED_BY.items()
        if duty.activity_key == activity and duty.carries("R")
    }


def _gaps(found: Lines, duties: list[raci.Duty]) -> list[Task]:
    """Roles that nobody holds, for those who answer for the use case."""
    answered_for = owned(duties)
    return [
        Task(
            f"{one.who}: nobody is {one.title}",
            _why(answered_for[one.url]),
            f"The role {one.text} carries letters in the RACI matrix and is not held.",
            f"/raci/{slug_of(one.url)}/",
        )
        for one in found["gap"]
    ]


def _to_validate_again(line: Line, duties: list[raci.Duty]) -> Task:
    return Task(
        f"Validate again by {line.due:%d %B %Y}: {_version(line).label} as {line.text}",
        _why(carried(duties, REVIEW)[line.who]),
        "Have it evaluated on recent data and ask for its re-validation, or let it retire.",
        _version(line).get_absolute_url(),
        line.at,
    )


def _to_switch_off(line: Line, duties: list[raci.Duty]) -> Task:
    return Task(
        f"Take {line.text} away from {_version(line).label}",
        _why(carried(duties, SWITCH_OFF)[line.who]),
        "Its retirement was decided, and it still serves.",
        _version(line).get_absolute_url(),
        line.at,
    )


def _version(line: Line) -> ModelVersion:
    return ModelVersion(model=RegisteredModel(name=line.title), number=line.person)


def _why(duty: raci.Duty) -> str:
    return f"{duty.sentence} in {duty.matrix_title}"
