"""How rows are put into slices: by the values of a field, by bands of a number, by two of these crossed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from governance.errors import Invalid

MOST_SLICES = 20
MOST_BANDS = 20
WHERE = "columns.slices"


@dataclass(frozen=True)
class Field:
    """Rows by the value of a field; a number by bands, between edges or of equal size."""

    name: str
    edges: tuple[float, ...] = ()
    quantiles: int = 0

    @property
    def title(self) -> str:
        return self.name

    @property
    def fields(self) -> tuple["Field", ...]:
        return (self,)

    @property
    def is_banded(self) -> bool:
        return bool(self.edges or self.quantiles)

    def as_json(self) -> Any:
        if self.edges:
            return {"field": self.name, "edges": list(self.edges)}
        if self.quantiles:
            return {"field": self.name, "quantiles": self.quantiles}
        return self.name


@dataclass(frozen=True)
class Crossing:
    """Rows by the values of two fields at once."""

    first: Field
    second: Field

    @property
    def title(self) -> str:
        return f"{self.first.name} x {self.second.name}"

    @property
    def fields(self) -> tuple[Field, ...]:
        return (self.first, self.second)

    def as_json(self) -> Any:
        return {"cross": [self.first.as_json(), self.second.as_json()]}


Slicing = Field | Crossing


def slicings(asked: object) -> tuple[Slicing, ...]:
    """Reads the slices of a request: names, {"field", "edges" or "quantiles"}, {"cross": [two]}."""
    if not isinstance(asked, list | tuple):
        raise Invalid("Slices are a list of column names.", field=WHERE)
    if len(asked) > MOST_SLICES:
        raise Invalid(f"At most {MOST_SLICES} slice columns are measured.", field=WHERE)
    found = tuple(_slicing(one) for one in asked)
    titles = [one.title for one in found]
    if len(set(titles)) < len(titles):
        raise Invalid("A slice column is named twice.", field=WHERE)
    _refuse_two_ways(found)
    return found


def fields_of(slicings: Sequence[Slicing]) -> tuple[Field, ...]:
    """Returns every field that is sliced by, alone or crossed, once."""
    return tuple({field.name: field for one in slicings for field in one.fields}.values())


def band_names(edges: Sequence[float]) -> list[str]:
    """Returns what the bands between rising edges are called; an edge belongs to the band above."""
    first, last = f"under {edges[0]:.12g}", f"{edges[-1]:.12g} and over"
    between = [f"{low:.12g} to under {high:.12g}" for low, high in pairwise(edges)]
    return [first, *between, last]


def _slicing(asked: object) -> Slicing:
    if isinstance(asked, Field | Crossing):
        return asked
    if isinstance(asked, dict) and "cross" in asked:
        if set(asked) != {"cross"}:
            raise Invalid("A crossing is {“cross”: [one field, another]}.", field=WHERE)
        return _crossing(asked["cross"])
    return _field(asked)


def _crossing(parts: object) -> Crossing:
    if not isinstance(parts, list | tuple) or len(parts) != 2:
        raise Invalid("A crossing names two fields.", field=WHERE)
    first, second = (_field(part) for part in parts)
    if first.name == second.name:
        raise Invalid(f"“{first.name}” cannot be crossed with itself.", field=WHERE)
    return Crossing(first, second)


def _field(asked: object) -> Field:
    if not isinstance(asked, dict):
        return Field(_name(asked))
    if set(asked) - {"field", "edges", "quantiles"} or "field" not in asked:
        raise Invalid(
            "A slice is a column name, or {“field”: name} with “edges” or “quantiles”.",
            field=WHERE,
        )
    edges, quantiles = asked.get("edges") or (), asked.get("quantiles") or 0
    if edges and quantiles:
        raise Invalid("Give a slice edges or quantiles, not both.", field=WHERE)
    return Field(_name(asked["field"]), _edges(edges), _quantiles(quantiles))


def _name(asked: object) -> str:
    if not isinstance(asked, str) or not asked:
        raise Invalid("Slices are a list of column names.", field=WHERE)
    if len(asked) > 200 or "\0" in asked:
        raise Invalid(
            "The name of a slice column has at most 200 plain characters.", field=WHERE
        )
    return asked


def _edges(asked: object) -> tuple[float, ...]:
    numbers = isinstance(asked, list | tuple) and all(
        isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one)
        for one in asked
    )
    edges = tuple(float(one) for one in asked) if numbers else ()
    if not numbers or len(edges) >= MOST_BANDS or list(edges) != sorted(set(edges)):
        raise Invalid(f"Edges are rising numbers, fewer than {MOST_BANDS}.", field=WHERE)
    return edges


def _quantiles(asked: object) -> int:
    if asked == 0 and not isinstance(asked, bool):
        return 0
    if not isinstance(asked, int) or isinstance(asked, bool) or not 2 <= asked <= MOST_BANDS:
        raise Invalid(f"Quantiles are a whole number from 2 to {MOST_BANDS}.", field=WHERE)
    return asked


def _refuse_two_ways(found: Sequence[Slicing]) -> None:
    """One field in two kinds of bands would carry one name for two things."""
    seen: dict[str, Field] = {}
    for field in (field for one in found for field in one.fields):
        if seen.setdefault(field.name, field) != field:
            raise Invalid(
                f"“{field.name}” is sliced in two ways; choose one of them.", field=WHERE
            )
