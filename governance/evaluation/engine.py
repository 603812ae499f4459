# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608
"""Measures a file of predictions: checks every row, then tallies all rows and every slice.

Few rows are ranked one by one in NumPy. Of many rows DuckDB counts what lies in each bin of scores
(see bins.py) and only those counts come here, so memory stays bounded however large the file is.
Sums are kept as whole numbers of a small unit, so they are the same in whatever order rows come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from governance.evaluation import bins
from governance.evaluation.columns import Columns
from governance.evaluation.rows import (
    checked,
    digest,
    refuse_repeated_key,
    rows_of,
    slice_values,
)
from governance.evaluation.session import Session, literal
from governance.evaluation.table import faults_named, open_table
from governance.metrics.tally import (
    DECILES,
    SMALLEST_PROBABILITY,
    Decile,
    Decisions,
    Tally,
    tally_rows,
)

FEW_ROWS = 200_000
MISSING = "(missing)"
EMPTY = "(empty)"

# Units of the whole-number sums: a score to 2^-32, a log loss (at most 36.05) to 2^-26.
SCORE_UNIT = 2**32 - 1
LOSS_UNIT = 2**26

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Limits:
    """What a measurement may use, and from how many rows on it counts in bins."""

    memory: str = "400MB"
    threads: int = 2
    few_rows: int = FEW_ROWS


@dataclass(frozen=True)
class Slice:
    """The rows whose field has a value."""

    field: str
    value: str
    tally: Tally


@dataclass(frozen=True)
class Result:
    """What was found in a file: its tallies, the digest of its rows, and how they were ranked."""

    rows: int
    positives: int
    rows_digest: str
    overall: Tally
    slices: list[Slice]
    ranking: str

    @property
    def all_rows(self) -> Slice:
        return Slice("", "", self.overall)


def measure(
    file: Path,
    columns: Columns,
    *,
    threshold: float,
    scratch: Path,
    progress: Progress,
    limits: Limits = Limits(),
) -> Result:
    """Measures the file; refuses it with a sentence when a row or a column cannot be used."""
    session = Session(
        [file], scratch=scratch, memory=duckdb_share(limits.memory), threads=limits.threads
    )
    try:
        return _Run(session, file, columns, threshold, scratch, progress, limits).result()
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


class _Run:
    """One measurement of one file, in steps."""

    def __init__(
        self,
        session: Session,
        file: Path,
        columns: Columns,
        threshold: float,
        scratch: Path,
        progress: Progress,
        limits: Limits,
    ) -> None:
        self.session, self.columns, self.threshold = session, columns, threshold
        self.file, self.scratch, self.limits = file, scratch, limits
        self._progress, self._done = progress, 0
        self._steps = 8 + 2 * len(columns.slices)
        self.values: list[list[str]] = []

    def result(self) -> Result:
        self._step("Opening the file")
        table = open_table(self.session, self.file)
        with faults_named(table.title):
            self._step("Reading the file")
            self.rows = rows_of(self.session, table, self.columns, self.scratch)
            self._step("Checking every row")
            count, positives = checked(self.rows)
            for index, name in enumerate(self.columns.slices):
                self._step(f"Finding the values of {name}")
                self.values.append(slice_values(self.rows, index))
            self._step("Taking the digest of the rows")
            rows_digest = digest(self.rows, count)
            few = count <= self.limits.few_rows
            overall, slices = self._each_row(count) if few else self._in_bins()
        ranking = "exact" if overall.single.all() else f"{len(overall.scores)} bins"
        self._step("Computing the metrics")
        return Result(count, positives, rows_digest, overall, slices, ranking)

    def _step(self, text: str) -> None:
        """Begins the next step; ticks of a running query move the bar inside it."""
        start, self._done = self._done, self._done + 1

        def tick(part: float) -> None:
            self._progress(int(100 * (start + part)), 100 * self._steps, text)

        self.session.tick = tick
        tick(0)

    def _code(self, index: int) -> str:
        """SQL of a slice's small number: the place of its value, nothing where that is missing."""
        if not self.values[index]:
            return "NULL::UTINYINT"
        values = ", ".join(literal(value) for value in self.values[index])
        return f"list_position([{values}], s{index}::VARCHAR)::UTINYINT"

    def _named(self, index: int, code: int) -> str:
        """The value as it is shown; one that reads like our own words is put in quotes."""
        if not code:
            return MISSING
        value = self.values[index][code - 1] or EMPTY
        return f"“{value}”" if self.values[index][code - 1] in (MISSING, EMPTY) else value

    # few rows: fetched and ranked one by one

    def _each_row(self, count: int) -> tuple[Tally, list[Slice]]:
        self._step("Ranking every row")
        codes = "".join(f", {self._code(i)} AS c{i}" for i in range(len(self.values)))
        key = ", hash(row_key) AS h" if self.columns.row_key else ""
        found = self.session.arrays(
            f"SELECT score, label = 1 AS label{codes}{key} FROM {self.rows.relation}",
            self.rows.parameters,
        )
        scores, labels = found["score"], found["label"]
        if key and len(np.unique(found["h"])) < count:
            refuse_repeated_key(self.rows)
        slices = [
            Slice(
                name, self._named(i, code), tally_rows(scores[own], labels[own], self.threshold)
            )
            for i, name in enumerate(self.columns.slices)
            for code in np.unique(found[f"c{i}"])
            for own in [found[f"c{i}"] == code]
        ]
        return tally_rows(scores, labels, self.threshold), slices

    # many rows: counted by DuckDB

    def _in_bins(self) -> tuple[Tally, list[Slice]]:
        self._step("Counting the scores")
        grid = self._grid()
        coarse, bin_of = grid.merged()
        self._step("Putting the scores into bins")
        self._put_into_bins(grid, bin_of)
        overall = _tally(grid, grid.rows, grid.positives, self._cells(None))
        slices = []
        for index, name in enumerate(self.columns.slices):
            self._step(f"Counting {name}")
            slices += self._slices_of(index, name, coarse)
        return overall, slices

    def _grid(self) -> bins.Grid:
        found = self.session.arrays(
            f"SELECT {bins.fine_code('score')} AS code, count(*) AS n, "
            "sum(label::UTINYINT)::BIGINT AS positives, min(score) AS low, max(score) AS high "
            f"FROM {self.rows.relation} GROUP BY code ORDER BY code",
            self.rows.parameters,
        )
        return bins.Grid(*(found[k] for k in ("code", "n", "positives", "low", "high")))

    def _put_into_bins(self, grid: bins.Grid, bin_of: np.ndarray) -> None:
        """Keeps a narrow table of what the slices need: about thirty bytes a row, spilled when large."""
        spread = np.zeros(bins.FINE, dtype=np.uint16)
        spread[grid.codes] = bin_of
        self.session.run(
            "CREATE TEMP TABLE bin_of AS SELECT unnest(range(?))::UINTEGER AS code, "
            "unnest(?::USMALLINT[]) AS bin",
            [bins.FINE, spread.tolist()],
        )
        self.session.forget_order()
        codes = "".join(f", {self._code(i)} AS c{i}" for i in range(len(self.values)))
        right = "greatest(CASE WHEN label = 1 THEN score ELSE 1 - score END, "
        right += f"{SMALLEST_PROBABILITY!r})"
        kept = "".join(f", c{i}" for i in range(len(self.values)))
        # All but the bin is worked out before the join, while texts still are in dictionaries.
        self.session.run(
            "CREATE TEMP TABLE binned AS SELECT (bin * 2 + label)::USMALLINT AS bin, "
            f"cell, score, squared, loss{kept} FROM (SELECT label::UTINYINT AS label, "
            f"(least(floor(score * {DECILES}), {DECILES - 1}) * 4 "
            f"+ CASE WHEN score >= {self.threshold!r} THEN 2 ELSE 0 END + label)::UTINYINT AS cell, "
            f"(score * {SCORE_UNIT})::UINTEGER AS score, "
            f"((score - label) * (score - label) * {SCORE_UNIT})::UINTEGER AS squared, "
            f"(-ln({right}) * {LOSS_UNIT})::UINTEGER AS loss, "
            f"({bins.fine_code('score')})::UINTEGER AS code{codes} "
            f"FROM {self.rows.relation}) JOIN bin_of USING (code)",
            self.rows.parameters,
        )

    def _cells(self, index: int | None) -> dict[str, np.ndarray]:
        """Counts and sums by tenth of the score, decision and label."""
        by = "" if index is None else f"c{index} AS code, "
        return self.session.arrays(
            f"SELECT {by}cell, count(*) AS n, sum(score)::DOUBLE AS score, "
            "sum(squared)::DOUBLE AS squared, sum(loss)::DOUBLE AS loss "
            "FROM binned GROUP BY ALL ORDER BY ALL"
        )

    def _slices_of(self, index: int, name: str, coarse: bins.Grid) -> list[Slice]:
        counted = self.session.arrays(
            f"SELECT c{index} AS code, bin, count(*) AS n FROM binned GROUP BY ALL"
        )
        cells = self._cells(index)
        slices = []
        for code in np.unique(counted["code"]):
            own = counted["code"] == code
            counts = np.zeros(2 * len(coarse.codes), dtype=np.int64)
            counts[counted["bin"][own]] = counted["n"][own]
            mine = {key: values[cells["code"] == code] for key, values in cells.items()}
            rows, positives = counts[::2] + counts[1::2], counts[1::2]
            slices.append(
                Slice(name, self._named(index, code), _tally(coarse, rows, positives, mine))
            )
        return slices


def _tally(
    grid: bins.Grid, rows: np.ndarray, positives: np.ndarray, cells: dict[str, np.ndarray]
) -> Tally:
    """Joins the counts in bins with the exact counts and sums in cells."""
    kept = rows > 0
    label, predicted = cells["cell"] & 1, cells["cell"] >> 1 & 1
    made = {
        (p, y): int(cells["n"][(predicted == p) & (label == y)].sum())
        for p in (0, 1)
        for y in (0, 1)
    }
    deciles = [
        Decile(
            int(cells["n"][own].sum()),
            int(cells["n"][own & (label == 1)].sum()),
            float(cells["score"][own].sum()) / SCORE_UNIT,
        )
        for own in (cells["cell"] >> 2 == decile for decile in range(DECILES))
    ]
    return Tally(
        scores=grid.scores[kept],
        positives=positives[kept].astype(np.int64),
        negatives=(rows - positives)[kept].astype(np.int64),
        single=grid.single[kept],
        decisions=Decisions(made[1, 1], made[1, 0], made[0, 0], made[0, 1]),
        deciles=deciles,
        squared_error=float(cells["squared"].sum()) / SCORE_UNIT,
        log_loss=float(cells["loss"].sum()) / LOSS_UNIT,
    )
