"""Reads over requests: what waits for whom, and who may still sign; changes nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals import apart, following, routing, rules
from governance.approvals.candidates import Show, candidates
from governance.approvals.models import Consultation, Request, Step, Vote
from governance.approvals.routing import People
from governance.exceptions import queries as exceptions
from governance.exceptions import seats
from governance.separation.makers import makers_of
from governance.separation.rules import Able
from raci import queries as raci


@dataclass(frozen=True)
class Waiting:
    """A step that is one person's to sign, why it is theirs, and which step comes before it."""

    request: Request
    step: Step
    capacity: str
    waiting_for: str = ""
    # Where it is not the reader's: “To be signed by Rui.”
    signers: str = ""

    @property
    def next(self) -> str:
        return following.after_signing(self.request, self.step)

    @property
    def is_mine(self) -> bool:
        return bool(self.capacity)

    @property
    def is_overdue(self) -> bool:
        return self.due is not None and not self.waiting_for and self.due <= timezone.now()

    @property
    def due(self) -> datetime | None:
        return self.step.due or self.request.due_at


@dataclass(frozen=True)
class StepProgress:
    """A step as a reader sees it: done, open, waiting or closed, and who signs or has signed."""

    step: Step
    state: str
    sentence: str
    voters: tuple[User, ...]
    votes: tuple[Vote, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToSign:
    """A page of what waits, how many steps wait by whose they are, and the requests that were read."""

    waiting: list[Waiting]
    counts: dict[str, int]
    requests: dict[int, Request]


def takes_two_factors(request: Request) -> bool:
    """Whether the policy it is signed under asks for the password and a second factor."""
    policy = request.policy_version
    return policy is not None and policy.parsed.takes_two_factors(request.tier)


def awaiting(user: User, duties: Iterable[raci.Duty] | None = None) -> list[Waiting]:
    """What is the person's to sign: now first, then what an earlier step still holds up.

    Within each the most urgent first, and no more than a page; the queries do not grow with the rows.
    """
    return to_sign(user, raci.duties(user) if duties is None else duties)[0].waiting


def to_sign(
    user: User,
    duties: Iterable[raci.Duty],
    *,
    show: str = Show.MINE,
    first: int = 0,
    beside: Collection[int] = (),
    alone: bool = False,
) -> tuple[ToSign, list[exceptions.Waiting]]:
    """A page of the steps to sign, and exceptions; who made the versions is read once.

    The requests `beside` are read with those of the page; `alone` counts nothing but one's own.
    Exceptions are the person's own and stand on the first page of what is theirs.
    """
    found = candidates(user, show, first=first, alone=alone)
    requests, steps = _steps(found.steps, beside)
    asked = exceptions.asked_of(duties) if show == Show.MINE and not first else []
    makers = makers_of(one.version_id for one in [*(step.request for step in steps), *asked])
    apart.read((step.request for step in steps), makers)
    seats.read(asked, makers)
    waiting = _waiting(steps, user, duties, show)
    return ToSign(waiting, found.counts, requests), exceptions.among(asked, user, duties)


def _steps(
    keys: Sequence[int], beside: Collection[int]
) -> tuple[dict[int, Request], list[Step]]:
    """The requests by key, and the steps in the order of their keys, with all steps and votes."""
    if not (keys or beside):
        return {}, []
    holding = Step.objects.filter(pk__in=keys).values("request")
    found = Request.objects.filter(Q(pk__in=holding) | Q(pk__in=beside)).with_steps()
    requests = {one.pk: one for one in found}
    steps = {step.pk: step for one in requests.values() for step in one.steps.all()}
    return requests, [steps[key] for key in keys]


def _waiting(
    steps: Sequence[Step],
    user: User,
    duties: Iterable[raci.Duty],
    show: str,
) -> list[Waiting]:
    carriers = (
        {}
        if show == Show.MINE
        else raci.carriers_by_scope(
            {step.request.scope for step in steps}, {step.activity for step in steps}
        )
    )
    found = []
    for step in steps:
        request = step.request
        facts = voting_facts(request, step, user, duties)
        if rules.is_to_sign(facts):
            found.append(Waiting(request, step, facts.capacity, facts.waiting_for))
        elif show != Show.MINE:
            able = apart.able(request, step, carriers.get(request.scope, []))
            found.append(Waiting(request, step, "", signers=routing.to_sign(able)))
    # A round that began anew has its own working days, which the database does not count.
    return [one for one in found if show != Show.OVERDUE or one.is_overdue]


def advice_wanted(user: User) -> QuerySet[Consultation]:
    """Advice the person is asked for and has not given."""
    return (
        Consultation.objects.unanswered()
        .filter(user=user)
        .select_related("request__version__model", "request__use_case")
        .order_by("due_at", "pk")
    )


def vote_refusals(step: Step, user: User) -> list[str]:
    """Why the person may not sign the step now; empty when they may. The rule that `vote` enforces."""
    request = _with_steps(step.request)
    return rules.may_vote(voting_facts(request, step, user))


def step_for(request: Request, user: User) -> Step | None:
    """The step that is the person's to sign, now or later; else the one that is open."""
    request = _with_steps(request)
    duties = raci.duties(user, request.scope)
    for step in request.steps.all():
        if rules.is_to_sign(voting_facts(request, step, user, duties)):
            return step
    return request.current_step


def capacity_of(request: Request, user: User) -> str:
    """What brings the person here, as “Accountable for …”; the strongest duty over the steps."""
    activities = [step.activity for step in request.steps.all()]
    found = [
        duty for duty in raci.duties(user, request.scope) if duty.activity_key in activities
    ]
    strongest = min(found, key=lambda d: raci.STRONGEST_FIRST.index(d.letters), default=None)
    return strongest.sentence if strongest else ""


def progress(request: Request) -> list[StepProgress]:
    """Every step with its state, its signatures and who may still give one."""
    request = _with_steps(request)
    steps = list(request.steps.all())
    waits = request.is_undecided and any(not step.is_complete for step in steps)
    people = _people(request, steps) if waits else People()
    return [_progress_of(request, step, people) for step in steps]


def _people(request: Request, steps: list[Step]) -> People:
    """Who carries a step, who of them is away, and to whom it went on; three queries."""
    carriers = raci.carriers(request.scope, [step.activity for step in steps])
    people = {one.user.pk for one in carriers} | {one.deputy_of_id for one in carriers}
    escalated = list(request.escalations.filter(round=request.round))
    return People(carriers, raci.away(people - {None}), escalated)


def voters(request: Request, step: Step) -> list[User]:
    """Who carries the step's duty now, is kept apart from nothing, and has not signed."""
    return [one.user for one in able(request, step)]


def able(request: Request, step: Step) -> list[Able]:
    """The same, with the capacity in which each may sign."""
    carriers = raci.carriers(request.scope, [step.activity], [step.duty])
    return apart.able(_with_steps(request), step, carriers)


def places(request: Request, step: Step) -> int:
    """How many signatures may still be given: two deputies of one person give one."""
    return len({one.capacity.stands_for_id or one.user.pk for one in able(request, step)})


def voting_facts(
    request: Request, step: Step, user: User, duties: Iterable[raci.Duty] | None = None
) -> rules.VotingFacts:
    """Gathers what the rule needs; `request` comes with its steps and votes."""
    if duties is None:
        duties = raci.duties(user, request.scope)
    steps = list(request.steps.all())
    [current] = [one for one in steps if one.pk == step.pk]
    standing = apart.standing_of(request, current, duties, user)
    signed_for = apart.signed_for(request, user)
    return rules.VotingFacts(
        state=request.state,
        step=current.name,
        step_is_complete=current.is_complete,
        waiting_for=_waited_for(request, current),
        wanted=raci.wanted(current.duty, current.activity_title, request.use_case_title),
        capacity=standing.capacity.words if standing.capacity else "",
        not_in_place_of=standing.refused,
        is_requester=request.requester_id == user.pk,
        requester_may_vote=request.requester_may_vote,
        had_it_asked_by=apart.asked_in_place_of(request, user),
        contributions=[
            one.part for one in apart.contributions_to(request) if one.user_id == user.pk
        ],
        contributors_may_vote=request.contributors_may_vote,
        signed_here=current.has_decided(user),
        signed_elsewhere=next(
            (one.name for one in steps if one.pk != current.pk and one.has_decided(user)), ""
        ),
        signed_for_by=signed_for.user_name if signed_for else "",
    )


def _progress_of(request: Request, step: Step, people: People) -> StepProgress:
    votes = tuple(step.votes.all())
    is_waiting = request.is_undecided and not step.is_complete
    able = apart.able(request, step, people.carriers) if is_waiting else []
    notes: tuple[str, ...] = ()
    if step.rejections and not request.is_undecided:
        state, sentence = "rejected", f"Rejected by {_names(_signers(step.rejections))}."
    elif step.is_complete:
        state, sentence = "done", f"Signed by {_names(_signers(step.approvals))}."
    elif not request.is_undecided:
        state, sentence = "closed", "Not signed before the request was closed."
    elif not request.is_open:
        state, sentence = "waiting", f"Waiting for {request.requester_name} to hand in again."
    elif step in request.open_steps:
        state, sentence = "open", f"{_so_far(step)}{routing.to_sign(able)}"
        notes = tuple(routing.notes(request, step, able, people))
    else:
        state, sentence = "waiting", f"Waiting for {_waited_for(request, step)}."
    return StepProgress(step, state, sentence, tuple(one.user for one in able), votes, notes)


def _waited_for(request: Request, step: Step) -> str:
    """The steps that have to be signed before this one; empty when none have."""
    return _names(one.name for one in request.open_steps if one.stage < step.stage)


def _so_far(step: Step) -> str:
    """What a step that needs several signatures has already."""
    parts = []
    if step.quorum > 1:
        parts.append(f"{len(step.approvals)} of {step.quorum} signatures.")
    if step.stale_approvals:
        names = _names(_signers(step.stale_approvals))
        parts.append(f"{names} signed evidence that has changed since.")
    if step.rejections:
        parts.append(
            f"Rejected by {_names(_signers(step.rejections))}, which ends nothing yet."
        )
    return "".join(f"{part} " for part in parts)


def _signers(votes: Iterable[Vote]) -> list[str]:
    return [vote.user_name for vote in votes]


def _names(names: Iterable[str]) -> str:
    return " and ".join(names)


def _with_steps(request: Request) -> Request:
    """The request as `with_steps` reads it, which it may be already."""
    if "steps" in getattr(request, "_prefetched_objects_cache", {}):
        return request
    return Request.objects.with_steps().get(pk=request.pk)
