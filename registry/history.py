"""What every pointer of a model held at any moment, and for how long; reads the moves, changes nothing.

A move is written under the model's lock, so the order of their ids is the order in which they
happened. An alias holds one version at a time; a stage holds any number of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from registry.errors import Invalid
from registry.models import AliasMove, ModelVersion, PointerKind, RegisteredModel

MOST_MOVES = 5000


@dataclass(frozen=True)
class Holding:
    """One version under one pointer from `began.at` until `ended.at`; `ended` is None while it lasts."""

    version: ModelVersion
    began: AliasMove
    ended: AliasMove | None = None

    @property
    def pointer_kind(self) -> str:
        return self.began.pointer_kind

    @property
    def pointer(self) -> str:
        return self.began.pointer

    @property
    def since(self) -> datetime:
        return self.began.at

    @property
    def until(self) -> datetime | None:
        return self.ended.at if self.ended else None

    @property
    def actor_name(self) -> str:
        return self.began.actor_name

    @property
    def reasons(self) -> list[str]:
        return self.began.decision.get("reasons", [])

    @property
    def evidence(self) -> dict[str, Any]:
        """What the decision rested on: clearance, request, blessing, policy; empty if unprotected."""
        return self.began.decision.get("evidence", {})


@dataclass(frozen=True)
class Moment:
    """What was served at one moment; before `existed` nothing was, and nothing could be."""

    model: RegisteredModel
    at: datetime
    holdings: tuple[Holding, ...]

    @property
    def existed(self) -> bool:
        deleted = self.model.deleted_at
        return self.model.created_at <= self.at and (deleted is None or self.at < deleted)


@dataclass(frozen=True)
class PointerLine:
    """The holdings of one pointer, oldest first."""

    pointer_kind: str
    pointer: str
    holdings: tuple[Holding, ...]


@dataclass(frozen=True)
class Timeline:
    """Every pointer's line, in the order of names; not `is_whole` when older moves were left out."""

    model: RegisteredModel
    lines: tuple[PointerLine, ...]
    is_whole: bool


def as_of(model: RegisteredModel, moment: datetime) -> Moment:
    """What every alias and stage pointed to at the moment, in one query; refuses the future.

    The model may have been renamed or deleted since, and its versions too.
    """
    if moment > timezone.now():
        raise Invalid("Nobody knows yet what will be served then.", code="future", field="at")
    last = _moves(model).filter(at__lte=moment).annotate(held=_held())
    order = ("pointer_kind", "pointer", "held")
    latest = last.order_by(*order, "-id").distinct(*order)
    holdings = [_holding(move) for move in latest if move.to_version_id]
    return Moment(model, moment, tuple(sorted(holdings, key=_by_name)))


def timeline(model: RegisteredModel) -> Timeline:
    """From when to when every pointer held which version, in one query; the newest 5000 moves."""
    newest = list(_moves(model).order_by("-id")[: MOST_MOVES + 1])
    is_whole = len(newest) <= MOST_MOVES
    holdings = sorted(_replayed(reversed(newest[:MOST_MOVES])), key=_by_name)
    lines: dict[tuple[str, str], list[Holding]] = {}
    for one in holdings:
        lines.setdefault((one.pointer_kind, one.pointer), []).append(one)
    return Timeline(
        model,
        tuple(PointerLine(*pointer, tuple(held)) for pointer, held in lines.items()),
        is_whole,
    )


def _moves(model: RegisteredModel) -> QuerySet[AliasMove]:
    related = ("model", "from_version__model", "to_version__model")
    return AliasMove.objects.filter(model=model).select_related(*related)


def _held() -> Case:
    """What a line of moves is about: the pointer itself, and in a stage each version apart."""
    version = Coalesce(F("to_version_id"), F("from_version_id"))
    return Case(When(Q(pointer_kind=PointerKind.STAGE), then=version), default=Value(0))


def _replayed(moves: Iterable[AliasMove]) -> Iterator[Holding]:
    """Pairs the move that began a holding with the one that ended it; `moves` oldest first."""
    open_moves: dict[tuple, AliasMove] = {}
    for move in moves:
        is_stage = move.pointer_kind == PointerKind.STAGE
        version = (move.to_version_id or move.from_version_id) if is_stage else 0
        line = (move.pointer_kind, move.pointer, version)
        began = open_moves.pop(line, None)
        if began:
            yield _holding(began, move)
        if move.to_version_id:
            open_moves[line] = move
    yield from map(_holding, open_moves.values())


def _holding(began: AliasMove, ended: AliasMove | None = None) -> Holding:
    return Holding(began.to_version, began, ended)


def _by_name(holding: Holding) -> tuple[str, str, int]:
    return holding.pointer_kind, holding.pointer, holding.began.pk
