"""Measures a file of predictions: checks every row, then tallies all rows and every slice.

What is common to all tasks is here; how the rows of one task are tallied is in kinds/.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance.errors import Invalid
from governance.evaluation.columns import Columns
from governance.evaluation.curves import Points
from governance.evaluation.kinds import KINDS
from governance.evaluation.rows import (
    Rows,
    checked,
    digest,
    refuse_repeated_key,
    rows_of,
    slice_values,
)
from governance.evaluation.session import Session, literal
from governance.evaluation.slices import Field, Slicing
from governance.evaluation.table import faults_named, open_table, refuse_too_many
from governance.metrics.metric import Terms

FEW_ROWS = 200_000
MOST_ROWS = 10**9
MOST_CROSSED = 500
MISSING = "(missing)"
EMPTY = "(empty)"

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Limits:
    """What a measurement may use, how many rows it takes, and from how many on it counts in bins."""

    memory: str = "400MB"
    threads: int = 2
    few_rows: int = FEW_ROWS
    most_rows: int = MOST_ROWS


@dataclass(frozen=True)
class Slice:
    """The rows whose field has a value, tallied as `task` says; both names are empty for all rows."""

    field: str
    value: str
    tally: Any
    task: str = "binary"


@dataclass(frozen=True)
class Result:
    """What was found in a file: its tallies, the digest of its rows, and how they were ranked."""

    rows: int
    positives: int | None
    rows_digest: str
    overall: Any
    slices: list[Slice]
    ranking: str
    curves: dict[str, Points]
    task: str = "binary"

    @property
    def all_rows(self) -> Slice:
        return Slice("", "", self.overall, self.task)


def measure(
    file: Path,
    columns: Columns,
    *,
    terms: Terms,
    scratch: Path,
    progress: Progress,
    limits: Limits = Limits(),
) -> Result:
    """Measures the file; refuses it with a sentence when a row or a column cannot be used."""
    session = Session(
        [file], scratch=scratch, memory=duckdb_share(limits.memory), threads=limits.threads
    )
    try:
        return Run(session, columns, terms, progress, limits).result(file, scratch)
    finally:
        session.close()


def columns_of(file: Path, *, scratch: Path) -> list[str]:
    """Returns the names of the columns, reading no more of the file than needed."""
    session = Session([file], scratch=scratch, memory="200MB", threads=1)
    try:
        return open_table(session, file).names
    finally:
        session.close()


def duckdb_share(memory: str) -> str:
    """NumPy and the interpreter need room too: DuckDB gets three quarters of the budget."""
    number = memory.rstrip("KMGTiBkmgtb ")
    return f"{0.75 * float(number):g}{memory[len(number) :].strip()}"


class Numbering:
    """What slices are called, and how SQL numbers them: a value by its place, 0 where it is missing."""

    def __init__(self, fields: Sequence[Field], values: dict[str, list[str]]) -> None:
        self._places = {field.name: place for place, field in enumerate(fields)}
        self._values = values

    def code(self, slicing: Slicing) -> str:
        """SQL of a slice's small number in DuckDB; that of a crossing joins those of its fields."""
        codes = [self._listed(field.name) for field in slicing.fields]
        if len(codes) == 1:
            return codes[0]
        first, second = (f"coalesce({code}, 0)::UINTEGER" for code in codes)
        return f"({first} * {self._base(slicing)} + {second})::USMALLINT"

    def portable_code(self, slicing: Slicing) -> str:
        """The same in words that every database knows."""
        codes = [self._cases(field.name) for field in slicing.fields]
        return (
            codes[0] if len(codes) == 1 else f"{codes[0]} * {self._base(slicing)} + {codes[1]}"
        )

    def named(self, slicing: Slicing, code: int) -> str:
        """The value of a slice as it is shown."""
        if len(slicing.fields) == 1:
            return self._named(slicing.fields[0].name, code)
        first, second = divmod(int(code), self._base(slicing))
        parts = zip(slicing.fields, (first, second), strict=True)
        return " x ".join(self._named(field.name, part) for field, part in parts)

    def check_crossed(self, slicing: Slicing, occupied: int) -> None:
        if occupied > MOST_CROSSED and len(slicing.fields) > 1:
            raise Invalid(
                f"“{slicing.title}” has more than {MOST_CROSSED} combinations; group the values "
                "before crossing them.",
                field="columns.slices",
            )

    def _listed(self, name: str) -> str:
        if not self._values[name]:
            return "NULL::UTINYINT"
        listed = ", ".join(literal(value) for value in self._values[name])
        return f"list_position([{listed}], s{self._places[name]}::VARCHAR)::UTINYINT"

    def _cases(self, name: str) -> str:
        if not self._values[name]:
            return "0"
        cases = " ".join(
            f"WHEN {literal(value)} THEN {place}"
            for place, value in enumerate(self._values[name], start=1)
        )
        return f"CASE s{self._places[name]} {cases} ELSE 0 END"

    def _base(self, slicing: Slicing) -> int:
        return len(self._values[slicing.fields[1].name]) + 1

    def _named(self, name: str, code: int) -> str:
        """A value that reads like our own words is put in quotes."""
        if not code:
            return MISSING
        value = self._values[name][code - 1] or EMPTY
        return f"“{value}”" if self._values[name][code - 1] in (MISSING, EMPTY) else value


class Run:
    """One measurement of one file, in steps; what the kinds need to tally its rows."""

    rows: Rows
    numbering: Numbering
    count: int = 0

    def __init__(
        self,
        session: Session,
        columns: Columns,
        terms: Terms,
        progress: Progress,
        limits: Limits,
    ) -> None:
        self.session, self.columns, self.terms, self.limits = session, columns, terms, limits
        self._progress, self._done = progress, 0
        self._steps = 8 + len(columns.fields) + len(columns.slices) + len(columns.scores)

    def result(self, file: Path, scratch: Path) -> Result:
        self.step("Opening the file")
        table = open_table(self.session, file)
        with faults_named(table.title):
            refuse_too_many(self.session, table, self.limits.most_rows)
            self.step("Reading the file")
            self.rows = rows_of(self.session, table, self.columns, scratch)
            self.step("Checking every row")
            counted = checked(self.rows)
            self.count = counted.n
            if self.columns.row_key and self.count <= self.limits.few_rows:
                refuse_repeated_key(self.rows)
            self.numbering = Numbering(self.columns.fields, self._slice_values())
            self.step("Taking the digest of the rows")
            rows_digest = digest(self.rows, self.count)
            kind = KINDS[self.columns.task](self)
            overall, slices = kind.tallied()
            curves = kind.curves(overall)
        ranking = overall.ranking if hasattr(overall, "ranking") else "sums"
        self.step("Computing the metrics")
        return Result(
            counted.n,
            counted.positives,
            rows_digest,
            overall,
            [Slice(*one) for one in slices],
            ranking,
            curves,
            self.columns.task,
        )

    def step(self, text: str) -> None:
        """Begins the next step; ticks of a running query move the bar inside it."""
        start, self._done = self._done, min(self._done + 1, self._steps - 1)

        def tick(part: float) -> None:
            read = f": {int(part * self.count):,} of {self.count:,} rows" if self.count else ""
            self._progress(int(100 * (start + part)), 100 * self._steps, f"{text}{read}")

        self.session.tick = tick
        tick(0)

    def _slice_values(self) -> dict[str, list[str]]:
        found = {}
        for index, field in enumerate(self.columns.fields):
            self.step(f"Finding the values of {field.name}")
            found[field.name] = slice_values(self.rows, index)
        return found
