"""The acts on use cases, their requirements, models and KPIs; the only writer of these tables."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TypedDict, Unpack

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from governance.accounts import grants
from governance.accounts.models import User
from governance.audit import services as audit
from governance.audit.events import Event
from governance.errors import Conflict, Invalid, NotAllowed
from governance.usecases import queries
from governance.usecases.models import (
    BaseModelAdoption,
    GovernedModel,
    Kpi,
    KpiObservation,
    Requirement,
    UseCase,
)
from governance.usecases.rules import tier_is_lowered
from raci import queries as raci
from raci import services as raci_services
from registry.models import RegisteredModel

DEFINE = "define_use_case"


class CaseFields(TypedDict, total=False):
    """What a person writes about a use case; the tier has an act of its own."""

    title: str
    need: str
    positive_meaning: str
    favourable_outcome: str
    cost_true_positive: float
    cost_false_positive: float
    cost_true_negative: float
    cost_false_negative: float
    cost_unit: str


class KpiFields(TypedDict, total=False):
    title: str
    unit: str
    direction: str
    target: float
    baseline: float | None
    description: str


def open_use_case(
    *,
    actor: User,
    slug: str = "",
    tier: int = UseCase.Tier.HIGH,
    holders: Mapping[str, Iterable[User]] | None = None,
    template: str = "",
    **fields: Unpack[CaseFields],
) -> UseCase:
    """Opens a use case with a RACI matrix made from a template; the opener is business owner unless others are named."""
    slug = slug or slugify(fields.get("title", ""))[:80]
    use_case = UseCase(slug=slug, tier=tier, created_by=actor, **fields)
    with (
        audit.refusals_recorded(Event.USE_CASE_OPENED, actor, actor=actor, slug=slug),
        transaction.atomic(durable=True),
    ):
        if not actor.has_perm("usecases.add_usecase"):
            raise NotAllowed("You may not open use cases; ask an administrator.")
        if UseCase.objects.filter(slug=slug).exists():
            raise Conflict(f"There is a use case {slug} already.", field="slug")
        _save_checked(use_case)
        named = {code: list(users) for code, users in (holders or {}).items()}
        if not named.get("BO"):
            named["BO"] = [actor]
        raci_services.create_matrix(
            use_case.scope, use_case.title, actor=actor, template=template, holders=named
        )
        audit.record(Event.USE_CASE_OPENED, use_case, actor=actor, slug=slug, tier=tier)
    return use_case


def revise(use_case: UseCase, *, actor: User, **fields: Unpack[CaseFields]) -> UseCase:
    """Changes what is written about the use case."""
    with _changing(use_case, Event.USE_CASE_REVISED, actor, DEFINE) as use_case:
        changes = _apply(use_case, fields)
        if changes:
            audit.record(Event.USE_CASE_REVISED, use_case, actor=actor, changes=changes)
    return use_case


def raise_tier(use_case: UseCase, tier: int, *, actor: User, reason: str = "") -> UseCase:
    """Gives the use case more duties at once; fewer take the approval of who answers for the risk."""
    with _changing(use_case, Event.TIER_CHANGED, actor, DEFINE, "risk_tier") as use_case:
        if tier_is_lowered(use_case.tier, tier):
            raise Conflict(
                f"Lowering the tier of {use_case.title} takes an approval; ask for it on the page "
                "of the use case.",
                code="needs_approval",
                field="tier",
                link=use_case.get_absolute_url(),
            )
        _set_tier(use_case, tier, actor=actor, reason=reason)
    return use_case


def lower_tier(use_case: UseCase, tier: int, *, actor: User | None, reason: str) -> None:
    """Lowers the tier as it was approved, in the transaction of the last signature."""
    use_case = UseCase.objects.select_for_update().get(pk=use_case.pk)
    _set_tier(use_case, tier, actor=actor, reason=reason)


def _set_tier(use_case: UseCase, tier: int, *, actor: User | None, reason: str) -> None:
    before = use_case.tier
    if _apply(use_case, {"tier": tier}):
        audit.record(
            Event.TIER_CHANGED, use_case, actor=actor, before=before, after=tier, reason=reason
        )


def adopt_base_model(use_case: UseCase, name: str, *, actor: User) -> BaseModelAdoption:
    """Lets models of the use case build upon another, in the transaction of the last signature."""
    adopted, is_new = BaseModelAdoption.objects.get_or_create(
        use_case=use_case, name=name, defaults={"adopted_by_name": actor.display_name}
    )
    if is_new:
        audit.record(Event.BASE_MODEL_ADOPTED, use_case, actor=actor, base_model=name)
    return adopted


def adopt_model(use_case: UseCase, model: RegisteredModel, *, actor: User) -> GovernedModel:
    """Puts an ungoverned model under the use case; from then on its RACI says who may do what."""
    with _changing(
        use_case, Event.MODEL_ADOPTED, actor, DEFINE, "register_version"
    ) as use_case:
        model = RegisteredModel.objects.select_for_update().live().get(pk=model.pk)
        if not (actor.has_perm("registry.manage") or actor.has_perm("registry.manage", model)):
            raise NotAllowed(f"You may not give away {model.name}; ask its owner.")
        present = queries.use_case_of(model)
        if present:
            raise Conflict(f"{model.name} belongs to the use case {present.title} already.")
        governed = GovernedModel.objects.create(
            use_case=use_case, model=model, adopted_by=actor
        )
        grants.derive([model], scope=use_case.scope)
        audit.record(Event.MODEL_ADOPTED, use_case, actor=actor, model=model.name)
    return governed


def add_requirement(
    use_case: UseCase, *, actor: User, title: str, owner_team: str, state: str = "asked"
) -> Requirement:
    """Lists a technical requirement with the team that owns it."""
    allowed = (DEFINE, "technical_requirements")
    with _changing(use_case, Event.REQUIREMENT_ADDED, actor, *allowed) as use_case:
        requirement = Requirement(
            use_case=use_case, title=title, owner_team=owner_team, state=state
        )
        _save_checked(requirement)
        audit.record(
            Event.REQUIREMENT_ADDED,
            use_case,
            actor=actor,
            title=title,
            team=owner_team,
            state=state,
        )
    return requirement


def move_requirement(requirement: Requirement, state: str, *, actor: User) -> Requirement:
    """Says that a requirement is asked for, granted or missing."""
    allowed = (DEFINE, "technical_requirements")
    with _changing(requirement.use_case, Event.REQUIREMENT_MOVED, actor, *allowed) as use_case:
        requirement.refresh_from_db()
        changes = _apply(requirement, {"state": state})
        if changes:
            audit.record(
                Event.REQUIREMENT_MOVED,
                use_case,
                actor=actor,
                title=requirement.title,
                changes=changes,
            )
    return requirement


def define_kpi(use_case: UseCase, *, actor: User, key: str, **fields: Unpack[KpiFields]) -> Kpi:
    """Adds a KPI with unit, direction and target."""
    with _changing(use_case, Event.KPI_DEFINED, actor, DEFINE, "translate_kpi") as use_case:
        if use_case.kpis.filter(key=key).exists():
            raise Conflict(f"{use_case.title} has a KPI {key} already.", field="key")
        kpi = Kpi(use_case=use_case, key=key, **fields)
        _save_checked(kpi)
        audit.record(Event.KPI_DEFINED, use_case, actor=actor, key=key, **fields)
    return kpi


def revise_kpi(kpi: Kpi, *, actor: User, **fields: Unpack[KpiFields]) -> Kpi:
    """Changes a KPI, such as its target; observations stay."""
    allowed = (DEFINE, "translate_kpi")
    with _changing(kpi.use_case, Event.KPI_REVISED, actor, *allowed) as use_case:
        kpi.refresh_from_db()
        changes = _apply(kpi, fields)
        if changes:
            audit.record(Event.KPI_REVISED, use_case, actor=actor, key=kpi.key, changes=changes)
    return kpi


def record_observation(
    kpi: Kpi,
    *,
    actor: User,
    period_start: date,
    period_end: date,
    value: float,
    rows: int | None = None,
    source: str = "",
) -> KpiObservation:
    """Adds the value of a KPI over a past period; a second one for the period corrects the first."""
    allowed = (DEFINE, "monitor_kpi")
    with _changing(kpi.use_case, Event.KPI_OBSERVED, actor, *allowed) as use_case:
        _check_period(period_start, period_end)
        observation = KpiObservation(
            kpi=kpi,
            period_start=period_start,
            period_end=period_end,
            value=value,
            rows=rows,
            source=source,
            recorded_by=actor,
            recorded_by_name=actor.display_name,
        )
        _save_checked(observation)
        audit.record(
            Event.KPI_OBSERVED,
            use_case,
            actor=actor,
            key=kpi.key,
            period=[period_start, period_end],
            value=value,
        )
    return observation


def may_act(user: User, use_case: UseCase, *activities: str) -> bool:
    """Whether the person is Responsible or Accountable for one of the activities, or an administrator."""
    return user.has_perm("usecases.change_usecase") or any(
        duty.activity_key in activities and (duty.carries("R") or duty.carries("A"))
        for duty in raci.duties(user, use_case.scope)
    )


def derive_grants(use_case: UseCase) -> None:
    """Makes the object permissions what the matrix says now; part of the caller's transaction."""
    models_inside = RegisteredModel.objects.filter(governed__use_case=use_case)
    grants.derive([use_case, queries.matrix_of(use_case), *models_inside], scope=use_case.scope)


def refresh_grants() -> int:
    """Lets object permissions follow where time alone changes who carries a role; returns the use cases."""
    scopes = set(raci.scopes_in_motion())
    use_cases = [one for one in UseCase.objects.all() if one.scope in scopes]
    for use_case in use_cases:
        with transaction.atomic(durable=True):
            derive_grants(UseCase.objects.select_for_update().get(pk=use_case.pk))
    return len(use_cases)


@contextmanager
def _changing(
    use_case: UseCase, event: Event, actor: User, *activities: str
) -> Iterator[UseCase]:
    """Opens the transaction of a change on the locked use case; a refusal outlives its rollback."""
    with (
        audit.refusals_recorded(event, use_case, actor=actor),
        transaction.atomic(durable=True),
    ):
        use_case = UseCase.objects.select_for_update().get(pk=use_case.pk)
        if not may_act(actor, use_case, *activities):
            titles = (raci.activity_title(use_case.scope, key) for key in activities)
            duties = " or ".join(f"“{title}”" for title in titles)
            raise NotAllowed(
                f"You need Responsible or Accountable for {duties} in {use_case.title}."
            )
        yield use_case


def _check_period(period_start: date, period_end: date) -> None:
    if period_start > period_end:
        raise Invalid("The period ends before it starts.", field="period_end")
    if period_end > timezone.localdate():
        raise Invalid("The period is not over yet.", field="period_end")


def _apply(row: models.Model, fields: Mapping[str, object]) -> dict[str, list[object]]:
    """Sets the fields that differ, saves them checked, and returns before and after of each."""
    changes = {
        name: [getattr(row, name), value]
        for name, value in fields.items()
        if getattr(row, name) != value
    }
    for name, (_before, value) in changes.items():
        setattr(row, name, value)
    if changes:
        _save_checked(row, update_fields=list(changes))
    return changes


def _save_checked(row: models.Model, update_fields: list[str] | None = None) -> None:
    """Saves what its fields allow; otherwise says which field is wrong."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        field = "" if field == NON_FIELD_ERRORS else field
        label = row._meta.get_field(field).verbose_name.capitalize() + ": " if field else ""
        raise Invalid(label + " ".join(messages), field=field) from None
    row.save(update_fields=update_fields)
