"""The parts a card is made of: fields, tables, sections, and the gates that ask for them; no facts."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["AUTO", "LIFT", "ASK"]

# In the order of a version's life; a gate asks for its own fields and all before it.
GATES = ("scope", "register", "evaluate", "review", "release", "deploy")


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)


Value = str | tuple[str, ...] | Table


@dataclass(frozen=True)
class Field:
    """One entry of a card. `gate` is the gate at which it must be filled; empty: never.

    AUTO comes from the records and is corrected there; LIFT was carried over from the former
    version; ASK is written by people.
    """

    key: str
    title: str
    kind: Kind
    value: Value
    gate: str = ""
    help: str = ""
    carried_over_from: str = ""

    @property
    def is_filled(self) -> bool:
        return bool(self.value) and not self.carried_over_from

    @property
    def is_writable(self) -> bool:
        return self.kind != "AUTO"

    @property
    def shape(self) -> Literal["text", "list", "table"]:
        if isinstance(self.value, Table):
            return "table"
        return "list" if isinstance(self.value, tuple) else "text"

    @property
    def missing_sentence(self) -> str:
        """Why it does not count as filled, and what fills it."""
        if self.carried_over_from:
            return f"{self.title}: carried over from {self.carried_over_from}, to be confirmed."
        return f"{self.title}: {self.help or 'not written yet.'}"


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Completeness:
    """How many of the fields a gate asks for are filled, and what each of the others lacks."""

    gate: str
    filled: int
    required: int
    missing: tuple[Field, ...]

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def sentence(self) -> str:
        return f"{self.filled} of {self.required} fields filled that {self.gate} asks for."


def is_asked_by(field: Field, gate: str) -> bool:
    return bool(field.gate) and GATES.index(field.gate) <= GATES.index(gate)
