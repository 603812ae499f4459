"""What doors ask about release: the short answer for pipelines, the whole report for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from governance.accounts.queries import is_administrator
from governance.approvals.kinds import Kind
from governance.approvals.models import Request
from governance.blessing.models import Blessing
from governance.evaluation.models import Evaluation
from governance.release.assessment import Assessment, assess
from governance.release.checklist import CheckItem, State, checklist
from governance.release.models import Clearance, points_there
from governance.release.protection import Protection, protection_of
from governance.release.standing import Obstacle, Standing
from raci import queries as raci
from registry import queries as registry
from registry.models import ModelVersion, PointerKind

if TYPE_CHECKING:
    from governance.accounts.models import User

# Who answers for the decision, or must be able to act at once, may take a clearance back.
REVOKING = (("approve_release", "A"), ("independent_validation", "R"), ("rollback", "R"))


@dataclass(frozen=True)
class StepperStep:
    title: str
    state: State


@dataclass(frozen=True)
class GateReport:
    """Whether a version may serve, and the whole way there; `can_*_not` are reasons for buttons."""

    version: ModelVersion
    pointer: str
    allowed: bool
    reasons: tuple[str, ...]
    request: Request | None
    clearance: Clearance | None
    blessing: Blessing | None
    evaluations: tuple[Evaluation, ...]
    checklist: tuple[CheckItem, ...]
    stepper: tuple[StepperStep, ...]
    next_act: CheckItem | None
    is_serving: bool
    serving: ModelVersion | None
    obstacles: tuple[Obstacle, ...]
    protection: Protection
    promote_refusals: tuple[str, ...]


def gate_answer(
    version: ModelVersion, *, alias: str = "champion", pointer_kind: str = PointerKind.ALIAS
) -> Assessment:
    """The short answer for pipelines: `allowed`, `reasons`, `request`, `link`."""
    return assess(version, alias, pointer_kind=pointer_kind)


def protected_assessments(version: ModelVersion) -> list[Assessment]:
    """The short answer for each pointer of the model that is protected, aliases first."""
    protection = protection_of(version.model)
    pointers = [(PointerKind.ALIAS, name) for name in sorted(protection.aliases)]
    pointers += [(PointerKind.STAGE, name) for name in sorted(protection.stages)]
    return [
        assess(version, pointer, pointer_kind=kind, protection=protection)
        for kind, pointer in pointers
    ]


def gate_report(
    version: ModelVersion,
    *,
    alias: str = "champion",
    user: "User | None" = None,
    pointer_kind: str = PointerKind.ALIAS,
) -> GateReport:
    """The way of a version to its pointer, with what the reader may do next."""
    standing = Standing(version, alias, pointer_kind=pointer_kind)
    found = standing.assessment
    items = checklist(standing)
    return GateReport(
        version=version,
        pointer=alias,
        allowed=found.allowed,
        reasons=found.reasons,
        request=found.request,
        clearance=found.clearance,
        blessing=standing.blessing,
        evaluations=tuple(standing.evaluations),
        checklist=items,
        stepper=tuple(_stepper(items)),
        next_act=next((item for item in items if not item.is_done), None),
        is_serving=standing.is_serving,
        serving=standing.serving,
        obstacles=tuple(_obstacles(standing)),
        protection=found.protection,
        promote_refusals=tuple(_promote_refusals(standing, user)),
    )


def retired_but_serving() -> QuerySet[Request]:
    """Decided retirements whose pointer was not taken away yet."""
    decided = Request.objects.filter(kind=Kind.RETIREMENT, state=Request.State.APPROVED)
    return decided.filter(points_there())


def revocation_refusals(clearance: Clearance, user: "User") -> list[str]:
    """Why this person may not revoke the clearance; an empty list means that they may."""
    scope = clearance.request.scope
    if is_administrator(user) or any(
        raci.duty_of(user, scope, activity, duty) for activity, duty in REVOKING
    ):
        return []
    return [
        "Revoking takes Accountable for the release decision, or Responsible for the "
        "validation or the rollback."
    ]


def _obstacles(standing: Standing) -> list[Obstacle]:
    """Nothing is in the way of asking while a request is open or a clearance holds."""
    request = standing.request
    if standing.assessment.allowed or (request and request.is_undecided):
        return []
    return standing.obstacles()


def _promote_refusals(standing: Standing, user: "User | None") -> Iterable[str]:
    if not standing.assessment.allowed:
        yield from standing.assessment.reasons
    if user and not registry.may(user, "move_alias", standing.version.model):
        yield f"You may not move aliases of {standing.version.model}; ask who releases it."


def _stepper(items: tuple[CheckItem, ...]) -> Iterable[StepperStep]:
    """The six words of the stepper: Registered to Serving."""
    by_key = {item.key: item for item in items}
    signing = [item for item in items if item.key == "asked" or item.key.startswith("step:")]
    yield StepperStep("Registered", by_key["registered"].state)
    yield StepperStep("Evaluated", by_key["evaluated"].state)
    yield StepperStep("Blessed", by_key["blessed"].state)
    yield StepperStep("In approval", _joint(signing))
    yield StepperStep("Cleared", by_key["cleared"].state)
    yield StepperStep("Serving", by_key["serving"].state)


def _joint(items: list[CheckItem]) -> State:
    """Failed if one failed, done if all are; waiting once somebody has asked."""
    states = [item.state for item in items]
    if "failed" in states:
        return "failed"
    if all(state == "done" for state in states):
        return "done"
    return "waiting" if "waiting" in states else "todo"
