"""Opening a request: freezes the evidence, copies the policy's steps, and asks the right people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db import transaction
from django.utils import timezone
from django.utils.text import get_text_list

from governance.accounts.models import User
from governance.approvals import apart, mails, times
from governance.approvals import evidence as writing
from governance.approvals.kinds import PERMITS, Kind
from governance.approvals.models import Consultation, Request, Step
from governance.approvals.ways import MAY_ASK, Way, way
from governance.audit import services as audit
from governance.audit.events import Event
from governance.blessing.contributors import contributions_to
from governance.blessing.models import Blessing
from governance.blessing.queries import warnings
from governance.errors import Conflict, Invalid, NotAllowed
from governance.policies.models import PolicyVersion
from governance.policies.routes import Circumstances, Leg, route
from governance.policies.staffing import PlannedStep, gaps
from governance.reasons import LONGEST
from governance.separation.rules import Parts, foreseen
from governance.usecases.models import UseCase
from governance.usecases.queries import use_case_of
from raci import queries as raci
from registry.models import ModelVersion, PointerKind, RegisteredModel


@dataclass(frozen=True)
class ChangeSize:
    """Whether the policy calls the change minor, and why or why not."""

    is_minor: bool = False
    sentence: str = ""


MAJOR = ChangeSize()


@dataclass(frozen=True)
class Asked:
    """What one person asks for, before it is decided whether it may be asked.

    What is about a use case itself has a proposal; all else has a version, a policy and a verdict.
    """

    use_case: UseCase
    actor: User
    kind: Kind = Kind.PROMOTION
    version: ModelVersion | None = None
    policy_version: PolicyVersion | None = None
    blessing: Blessing | None = None
    pointer_kind: str = ""
    pointer: str = ""
    proposal: Mapping[str, object] = field(default_factory=dict)
    sentence: str = ""
    change: "ChangeSize" = MAJOR

    @cached_property
    def right(self) -> "Right":
        """By which duty the actor asks; their own comes before those they carry for others."""
        return _right(self)

    @property
    def scope(self) -> str:
        return self.use_case.scope

    @property
    def subject(self) -> ModelVersion | UseCase:
        return self.version or self.use_case

    @cached_property
    def way(self) -> Way:
        return way(self.kind, self.policy_version and self.policy_version.parsed)

    @cached_property
    def legs(self) -> list[Leg]:
        """Every step of the way, also those that are not asked for this time."""
        has_warnings = self.blessing is not None and warnings(self.blessing).exists()
        tier, is_minor = self.use_case.tier, self.change.is_minor
        return route(self.way.steps, Circumstances(tier, has_warnings, is_minor))

    @property
    def steps(self) -> list[Leg]:
        """The steps that have to be signed."""
        return [leg for leg in self.legs if not leg.left_out]

    @property
    def route(self) -> dict:
        """Why the request takes these steps and not others, for those who sign and who audit."""
        left_out = [
            {"step": leg.step.step, "because": leg.left_out}
            for leg in self.legs
            if leg.left_out
        ]
        return {"change": self.change.sentence, "left_out": left_out}

    @property
    def barred(self) -> Parts:
        separation = self.way.separation
        asked = apart.asked_by(self.actor.pk, self.actor.display_name, self.right.in_place_of)
        return apart.barred_by(
            contributions_to(self.blessing) if self.blessing else (),
            asked,
            requester_may_vote=separation.requester_may_vote,
            contributors_may_vote=separation.contributors_may_vote,
        )


@dataclass(frozen=True)
class Right:
    """What lets somebody ask: a duty in words, and those who are away in whose place they ask."""

    capacity: str = ""
    in_place_of: Sequence[dict] = ()


def open_request(
    version: ModelVersion,
    *,
    actor: User,
    evidence: dict,
    policy_version: PolicyVersion,
    blessing: Blessing | None,
    scope: str,
    pointer: str,
    pointer_kind: str = PointerKind.ALIAS,
    statement: str = "",
    change: ChangeSize = MAJOR,
    kind: Kind = Kind.PROMOTION,
    sentence: str = "",
) -> Request:
    """Asks for one version under one pointer, by the steps its policy has for such a request.

    `sentence` sums the evidence up where that of the verdict does not. Refuses a blessing that does
    not suffice to serve, a second open request for the same, an asker
    without a part in the use case, and steps that nobody could sign.
    """
    _refuse_long(statement)
    with (
        audit.refusals_recorded(Event.REQUEST_OPENED, version, actor=actor, pointer=pointer),
        transaction.atomic(durable=True),
    ):
        version = _locked(version)
        asked = Asked(
            _governing(version, scope),
            actor,
            kind,
            version,
            policy_version,
            blessing,
            pointer_kind,
            pointer,
            sentence=sentence or blessing.sentence,
            change=change,
        )
        refuse_insufficient(asked)
        return _open(asked, evidence, statement)


def open_proposal(
    use_case: UseCase,
    *,
    kind: Kind,
    actor: User,
    evidence: dict,
    proposal: Mapping[str, object],
    sentence: str,
    statement: str = "",
) -> Request:
    """Asks for a decision on a use case itself, by the steps of the house; `sentence` sums it up."""
    _refuse_long(statement)
    with (
        audit.refusals_recorded(Event.REQUEST_OPENED, use_case, actor=actor, kind=str(kind)),
        transaction.atomic(durable=True),
    ):
        use_case = UseCase.objects.select_for_update().get(pk=use_case.pk)
        asked = Asked(use_case, actor, kind, proposal=proposal, sentence=sentence)
        return _open(asked, evidence, statement)


def _open(asked: Asked, evidence: dict, statement: str) -> Request:
    _refuse_stranger(asked)
    _refuse_second(asked)
    refuse_gaps(asked)
    request = _create(asked, evidence=evidence, statement=statement)
    complete_steps(request, asked)
    consulted = _consult(request, asked)
    _record(request, asked, consulted)
    _ask_people(request, consulted)
    return request


def _refuse_long(statement: str) -> None:
    if len(statement) > LONGEST:
        raise Invalid(f"Write at most {LONGEST} characters.", field="statement")


def signing_gaps(asked: Asked) -> list[str]:
    """Why the steps of the policy could not all be signed, as the matrix stands now."""
    steps, barred = [leg.step for leg in asked.steps], asked.barred
    activities = {step.activity for step in steps}
    carriers = raci.carriers(asked.scope, activities)
    titles = raci.activity_titles(asked.scope, activities)
    plan = []
    for step in steps:
        people = apart.by_person(carriers, step.activity, step.duty)
        voters, kept_apart = foreseen(people, barred)
        title = titles.get(step.activity, step.activity)
        plan.append(
            PlannedStep(
                name=step.step,
                wanted=raci.wanted(step.duty, title, asked.use_case.title),
                quorum=step.quorum,
                voters=voters,
                barred=kept_apart,
            )
        )
    return gaps(plan)


def _locked(version: ModelVersion) -> ModelVersion:
    """The live version under the lock of its model, so that two requests are opened in turn."""
    RegisteredModel.objects.select_for_update().get(pk=version.model_id)
    live = ModelVersion.objects.live().select_related("model").filter(pk=version.pk).first()
    if live is None:
        raise Conflict(f"{version} was deleted.")
    return live


def _governing(version: ModelVersion, scope: str) -> UseCase:
    use_case = use_case_of(version.model)
    if use_case is None or use_case.scope != scope:
        raise Conflict(f"{version.model.name} is not governed by {scope}.", code="ungoverned")
    return use_case


def _right(asked: Asked) -> Right:
    carried = [
        duty
        for duty in raci.duties(asked.actor, asked.scope)
        if duty.activity_key in MAY_ASK[asked.kind] and (duty.carries("R") or duty.carries("A"))
    ]
    own = [duty for duty in carried if duty.deputy_of_id is None]
    if own or not carried:
        return Right(own[0].sentence if own else "")
    others = {duty.deputy_of_id: duty.deputy_of for duty in carried}
    return Right(
        carried[0].sentence, [{"user": pk, "name": name} for pk, name in others.items()]
    )


def _refuse_stranger(asked: Asked) -> None:
    if not asked.right.capacity:
        activities = MAY_ASK[asked.kind]
        known = raci.activity_titles(asked.scope, activities)
        titles = [known[one] for one in activities if one in known]
        raise NotAllowed(
            f"You may not ask for this in {asked.use_case.title}; ask somebody who is Responsible "
            f"or Accountable for {get_text_list([f'“{one}”' for one in titles], 'or')}."
        )


def refuse_insufficient(asked: Asked) -> None:
    """Refuses a verdict that is not the version's own, by the policy in force, or not enough to serve.

    Only what asks to serve needs one.
    """
    if asked.kind not in PERMITS:
        return
    if asked.blessing.version_id != asked.version.pk:
        raise Invalid(f"The blessing is not one of {asked.version.label}.", field="blessing")
    if asked.blessing.policy_version_id != asked.policy_version.pk:
        raise Conflict(
            f"The blessing was not given by {asked.policy_version.label}.", code="other_policy"
        )
    if not asked.blessing.is_sufficient:
        verdict = asked.blessing.get_verdict_display()
        raise Conflict(f"{asked.version.label} is {verdict}.", code="not_blessed")


def _refuse_second(asked: Asked) -> None:
    present = Request.objects.undecided().filter(
        kind=asked.kind,
        version=asked.version,
        policy_version=asked.policy_version,
        pointer_kind=asked.pointer_kind,
        pointer=asked.pointer,
    )
    if asked.version is None:
        present = present.filter(use_case=asked.use_case, proposal=dict(asked.proposal))
    if request := present.first():
        raise Conflict(
            f"{request.requester_name} has asked for this already; that request is not decided yet.",
            code="request_open",
            link=request.get_absolute_url(),
        )


def refuse_gaps(asked: Asked) -> None:
    activities = [leg.step.activity for leg in asked.steps]
    problems = [one.sentence for one in raci.problems_in(asked.scope, activities)]
    if reasons := problems + signing_gaps(asked):
        raise Conflict(
            " ".join(reasons),
            code="nobody_to_sign",
            reasons=reasons,
            link=asked.use_case.get_absolute_url(),
        )


def _create(asked: Asked, *, evidence: dict, statement: str) -> Request:
    now = timezone.now()
    stored = writing.as_stored(evidence)
    separation = asked.way.separation
    return Request.objects.create(
        kind=asked.kind,
        version=asked.version,
        use_case=asked.use_case,
        proposal=dict(asked.proposal),
        pointer_kind=asked.pointer_kind,
        pointer=asked.pointer,
        policy_version=asked.policy_version,
        blessing=asked.blessing,
        scope=asked.scope,
        use_case_title=asked.use_case.title,
        tier=asked.use_case.tier,
        statement=statement.strip(),
        evidence=stored,
        evidence_digest=writing.digest(stored),
        evidence_sentence=asked.sentence,
        requester=asked.actor,
        requester_name=asked.actor.display_name,
        requester_capacity=asked.right.capacity,
        asked_for=list(asked.right.in_place_of),
        requester_may_vote=separation.requester_may_vote,
        contributors_may_vote=separation.contributors_may_vote,
        route=asked.route,
        opened_at=now,
        round_began_at=now,
        due_at=times.last_due(now, [leg.step.due_in for leg in asked.steps]),
    )


def _record(request: Request, asked: Asked, consulted: list[Consultation]) -> None:
    audit.record(
        Event.REQUEST_OPENED,
        request,
        actor=asked.actor,
        kind=asked.kind,
        **({"policy": asked.policy_version.label} if asked.policy_version else {}),
        capacity=request.requester_capacity,
        evidence_digest=request.evidence_digest,
        steps=[leg.step.step for leg in asked.steps],
        **({"left_out": left_out} if (left_out := request.route["left_out"]) else {}),
        consulted=[one.user.display_name for one in consulted],
    )


def complete_steps(request: Request, asked: Asked) -> None:
    """Copies the steps that are asked for and that the request does not have yet."""
    present = {step.name for step in request.steps.all()}
    titles = raci.activity_titles(request.scope, {leg.step.activity for leg in asked.legs})
    Step.objects.bulk_create(
        Step(
            request=request,
            position=position,
            stage=leg.stage,
            name=leg.step.step,
            activity=leg.step.activity,
            activity_title=titles.get(leg.step.activity, leg.step.activity),
            duty=leg.step.duty,
            quorum=leg.step.quorum,
            veto=leg.step.veto,
            meaning=leg.step.meaning,
            due_at=times.due(request.opened_at, leg.step.due_in),
            due_in=times.written(leg.step.due_in),
        )
        for position, leg in enumerate(asked.legs, start=1)
        if not leg.left_out and leg.step.step not in present
    )


def _consult(request: Request, asked: Asked) -> list[Consultation]:
    """Asks those consulted on the last step, which is the decision itself; not who asks."""
    consult = asked.way.consult
    if consult is None:
        return []
    activity = asked.steps[-1].step.activity
    found = raci.carriers(request.scope, [activity], [consult.duty])
    # who holds the role comes first, so nobody who does is asked as a deputy
    people = {one.user.pk: one for one in reversed(found)}
    people.pop(request.requester_id, None)
    return Consultation.objects.bulk_create(
        Consultation(
            request=request,
            user=one.user,
            duty=raci.duty_sentence(consult.duty, one.activity_title)
            + raci.standing_in(one.deputy_of),
            letter=consult.duty,
            role=one.role_title,
            due_at=times.due(request.opened_at, consult.due_in),
        )
        for _pk, one in sorted(people.items())
    )


def _ask_people(request: Request, consulted: list[Consultation]) -> None:
    request = Request.objects.with_steps().get(pk=request.pk)
    mails.ask_voters(request)
    mails.ask_advice(request, consulted)
