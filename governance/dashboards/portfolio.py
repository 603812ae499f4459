"""The portfolio in figures: how far versions get, how long it takes, what waits and for whom."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals.kinds import PERMITS
from governance.approvals.models import Request
from governance.blessing.models import Blessing
from governance.blessing.verdicts import SUFFICIENT
from governance.evaluation.models import Evaluation
from governance.usecases.models import Kpi, KpiObservation, UseCase
from registry.models import Alias, AliasMove, ModelVersion, RegisteredModel


@dataclass(frozen=True)
class KpiTile:
    """A KPI with its latest observation; `is_met` is None while nobody has observed it."""

    kpi: Kpi
    latest: KpiObservation | None

    @property
    def is_met(self) -> bool | None:
        return self.kpi.is_met_by(self.latest.value) if self.latest else None


@dataclass(frozen=True)
class LeadTime:
    """How long one leg took over all versions that finished it."""

    title: str
    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class Debt:
    """A version that could serve and does not: since when, and what it waits for."""

    version: ModelVersion
    since: datetime
    waits_for: str
    days: int


def kpi_tiles(user: User) -> list[KpiTile]:
    """Every KPI of the use cases this person may see, with two queries."""
    kpis = list(
        Kpi.objects.visible_to(user).select_related("use_case").order_by("use_case", "pk")
    )
    newest = (
        KpiObservation.objects.filter(kpi__in=kpis)
        .order_by("kpi_id", "-period_end", "-pk")
        .distinct("kpi_id")
    )
    latest = {one.kpi_id: one for one in newest}
    return [KpiTile(kpi, latest.get(kpi.pk)) for kpi in kpis]


def staged(user: User) -> QuerySet[ModelVersion]:
    """Versions of governed models with a mark for every stage they have reached."""
    return (
        ModelVersion.objects.visible_to(user)
        .filter(model__governed__isnull=False)
        .select_related("model", "model__governed__use_case")
        .annotate(
            is_evaluated=_exists(Evaluation, state=Evaluation.State.FINISHED),
            is_blessed=_exists(Blessing, verdict__in=SUFFICIENT),
            is_approved=_exists(Request, state=Request.State.APPROVED, kind__in=PERMITS),
            is_serving=Exists(
                Alias.objects.filter(version=OuterRef("pk")).filter(
                    version__approval_requests__state=Request.State.APPROVED,
                    version__approval_requests__kind__in=PERMITS,
                    version__approval_requests__pointer=F("name"),
                )
            )
            | Q(stage="Production"),
        )
    )


def funnel(versions: list[ModelVersion]) -> list[tuple[str, int]]:
    """How many versions have reached each stage."""
    marks = ("is_evaluated", "is_blessed", "is_approved", "is_serving")
    reached = Counter(mark for one in versions for mark in marks if getattr(one, mark))
    titles = ("Evaluated", "Blessed", "Approved", "Serving")
    counts = [(title, reached[mark]) for title, mark in zip(titles, marks, strict=True)]
    return [("Registered", len(versions)), *counts]


def health_map(versions: list[ModelVersion]) -> list[dict]:
    """Models by tier and by the furthest stage any of their versions has reached."""
    words = ("Nothing blessed", "Blessed", "Approved", "Serving")
    rank: dict[RegisteredModel, int] = {}
    for one in versions:
        furthest = 3 * one.is_serving or 2 * one.is_approved or int(one.is_blessed)
        rank[one.model] = max(rank.get(one.model, 0), furthest)
    cells = Counter((model.governed.use_case.tier, at) for model, at in rank.items())
    return [
        {
            "title": UseCase.Tier(tier).label,
            "cells": [(word, cells[tier, at]) for at, word in enumerate(words)],
        }
        for tier in UseCase.Tier.values
    ]


def lead_times(versions: list[ModelVersion]) -> list[LeadTime]:
    """Median and 90th percentile of each leg from registration to serving."""
    keys = [one.pk for one in versions]
    registered = {one.pk: one.created_at for one in versions}
    moves = AliasMove.objects.filter(
        to_version__in=keys,
        to_version__approval_requests__pointer=F("pointer"),
        to_version__approval_requests__state=Request.State.APPROVED,
        to_version__approval_requests__kind__in=PERMITS,
    )
    rows = _first(
        Blessing.objects.filter(version__in=keys, verdict__in=SUFFICIENT),
        "blessed",
        "created_at",
    ).union(
        _first(
            Request.objects.filter(
                version__in=keys, state=Request.State.APPROVED, kind__in=PERMITS
            ),
            "approved",
            "decided_at",
        ),
        _first(moves, "serving", "at", "to_version"),
    )
    first: dict[str, dict[int, datetime]] = defaultdict(dict)
    for stage, version, at in rows:
        first[stage][version] = at
    blessed, approved, serving = first["blessed"], first["approved"], first["serving"]
    return [
        _leg("Registered to blessed", registered, blessed),
        _leg("Blessed to approved", blessed, approved),
        _leg("Approved to serving", approved, serving),
        _leg("Registered to serving", registered, serving),
    ]


def model_debt(versions: list[ModelVersion]) -> list[Debt]:
    """Versions newer than what serves that are blessed or approved and do not serve, oldest first."""
    serving: dict[int, int] = {}
    for one in versions:
        if one.is_serving:
            serving[one.model_id] = max(serving.get(one.model_id, 0), one.number)
    waiting = [
        one
        for one in versions
        if one.is_blessed and not one.is_serving and one.number > serving.get(one.model_id, 0)
    ]
    open_requests = {
        request.version_id: request
        for request in Request.objects.open()
        .filter(version__in=waiting, kind__in=PERMITS)
        .with_steps()
    }
    now = timezone.now()
    debts = [
        Debt(one, one.created_at, _waits_for(one, open_requests), (now - one.created_at).days)
        for one in waiting
    ]
    return sorted(debts, key=lambda debt: debt.since)


def _waits_for(version: ModelVersion, requests: dict[int, Request]) -> str:
    request = requests.get(version.pk)
    if request and request.open_steps:
        steps = [f"{step.name}: {step.activity_title}" for step in request.open_steps]
        return f"the signature for {' and for '.join(steps)}"
    if version.is_approved:
        return "somebody to move the alias"
    return "somebody to ask for approval"


def _exists(model: type, **criteria: object) -> Exists:
    return Exists(model.objects.filter(version=OuterRef("pk"), **criteria))


def _first(rows: QuerySet, stage: str, at: str, version: str = "version") -> QuerySet:
    """Rows of the stage, a version and the first moment it was there."""
    named = rows.order_by().annotate(stage=Value(stage)).values("stage", version)
    return named.annotate(first=Min(at)).values_list("stage", version, "first")


def _leg(title: str, begun: dict[int, datetime], ended: dict[int, datetime]) -> LeadTime:
    seconds = [
        (ended[pk] - begun[pk]).total_seconds()
        for pk in ended
        if pk in begun and ended[pk] >= begun[pk]
    ]
    if not seconds:
        return LeadTime(title, 0, None, None)
    p90 = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return LeadTime(
        title, len(seconds), timedelta(seconds=median(seconds)), timedelta(seconds=p90)
    )
