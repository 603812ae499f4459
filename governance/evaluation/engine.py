# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608
"""Measures a file of predictions: checks every row, then tallies all rows and every slice.

Few rows are ranked one by one in NumPy. Of many rows DuckDB counts what lies in each bin of scores
(see bins.py) and only those counts come here, so memory stays bounded however large the file is.
Sums are kept as whole numbers of a small unit, so they are the same in whatever order rows come.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from governance.errors import Invalid
from governance.evaluation import bins
from governance.evaluation.columns import Columns
from governance.evaluation.session import Session, literal, quoted
from governance.evaluation.table import csv_row, faults_named, open_table
from governance.evaluation.tally import (
    DECILES,
    SMALLEST_PROBABILITY,
    Decile,
    Decisions,
    Tally,
    tally_rows,
)

FEW_ROWS = 200_000
MOST_SLICE_VALUES = 50
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
        self._steps = 6 + len(columns.slices)

    def result(self) -> Result:
        self._step("Opening the file")
        self.table = open_table(self.session, self.file)
        self.columns.check_against(self.table.names)
        with faults_named("CSV" if self.table.kind == "csv" else "Parquet"):
            self._prepare_rows()
            self._step("Checking every row")
            self.rows, self.positives = self._checked()
            self.values = [self._slice_values(name) for name in self.columns.slices]
            self._step("Taking the digest of the rows")
            digest = self._digest()
            few = self.rows <= self.limits.few_rows
            overall, slices = self._each_row() if few else self._in_bins()
        ranking = "exact" if overall.single.all() else f"{len(overall.scores)} bins"
        self._step("Computing the metrics")
        return Result(self.rows, self.positives, digest, overall, slices, ranking)

    def _step(self, text: str) -> None:
        """Begins the next step; ticks of a running query move the bar inside it."""
        start, self._done = self._done, self._done + 1

        def tick(part: float) -> None:
            self._progress(int(100 * (start + part)), 100 * self._steps, text)

        self.session.tick = tick
        tick(0)

    # rows: score, label, row_key, position and the slices s0, s1, … whatever the file is called

    def _prepare_rows(self) -> None:
        """Parquet is read where it lies; CSV is parsed once into Parquet."""
        named = [f"{quoted(name)} AS s{i}" for i, name in enumerate(self.columns.slices)]
        if self.columns.row_key:
            named.append(f"{quoted(self.columns.row_key)} AS row_key")
        mapped = ", ".join(
            [
                f"TRY_CAST({quoted(self.columns.score)} AS DOUBLE) AS score",
                f"TRY_CAST({quoted(self.columns.label)} AS DOUBLE) AS label",
                *named,
            ]
        )
        if self.table.kind == "parquet":
            self._rows = (
                f"(SELECT {mapped}, file_row_number AS position FROM {self.table.relation})"
            )
            self._parameters: Sequence[str] = self.table.parameters
            return
        parsed = self.scratch / "rows.parquet"
        self._step("Reading the file")
        self.session.run(
            f"COPY (SELECT {mapped} FROM {self.table.relation}) TO {literal(str(parsed))} "
            "(FORMAT parquet)",
            self.table.parameters,
        )
        self._rows = (
            "(SELECT * RENAME (file_row_number AS position) "
            "FROM read_parquet(?, file_row_number = true, hive_partitioning = false))"
        )
        self._parameters = [str(parsed)]

    def _checked(self) -> tuple[int, int]:
        key = "count(row_key)" if self.columns.row_key else "count(*)"
        found = self.session.row(
            f"SELECT count(*) AS n, count(*) FILTER ({BAD_SCORE}) AS bad_scores, "
            f"count(*) FILTER ({BAD_LABEL}) AS bad_labels, "
            f"count(*) FILTER (label = 1) AS positives, {key} AS keys FROM {self._rows}",
            self._parameters,
        )
        if not found["n"]:
            raise Invalid("The file has no rows.", field="source")
        if found["bad_scores"]:
            self._refuse("score", BAD_SCORE, found["bad_scores"])
        if found["bad_labels"]:
            self._refuse("label", BAD_LABEL, found["bad_labels"])
        if found["keys"] < found["n"]:
            self._refuse("row_key", "row_key IS NULL", found["n"] - found["keys"])
        if found["positives"] in (0, found["n"]):
            only = int(found["positives"] > 0)
            raise Invalid(
                f"Every label in “{self.columns.label}” is {only}; both 0 and 1 are needed.",
                field="columns.label",
            )
        return found["n"], found["positives"]

    def _refuse(self, part: str, bad: str, count: int) -> None:
        """Names the first row that cannot be used, with its value and line."""
        first = self.session.row(
            f"SELECT min(position) AS position FROM {self._rows} WHERE {bad}", self._parameters
        )["position"]
        name = getattr(self.columns, part)
        where, text = self._where(first, name)
        more = f" ({count:,} such rows)" if count > 1 else ""
        raise Invalid(f"{where}: “{name}” {_fault(part, text)}{more}.", field=f"columns.{part}")

    def _where(self, position: int, name: str) -> tuple[str, str | None]:
        if self.table.kind == "csv":
            line, texts = csv_row(self.table, position)
            return f"Line {line}", texts.get(name) or None
        value = self.session.row(
            f"SELECT {quoted(name)}::VARCHAR AS value FROM {self.table.relation} "
            "WHERE file_row_number = ?",
            [*self.table.parameters, position],
        )["value"]
        return f"Row {position + 1}", value

    def _slice_values(self, name: str) -> list[str]:
        """The values of a slice field in their own order; too many are refused before they fill memory."""
        self._step(f"Finding the values of {name}")
        column = f"s{self.columns.slices.index(name)}"
        for part in (f"(SELECT {column} FROM {self._rows} LIMIT 100000)", self._rows):
            found = self.session.rows(
                f"SELECT v::VARCHAR FROM (SELECT DISTINCT {column} AS v FROM {part}) "
                f"WHERE v IS NOT NULL ORDER BY v LIMIT {MOST_SLICE_VALUES + 1}",
                self._parameters,
            )
            if len(found) > MOST_SLICE_VALUES:
                raise Invalid(
                    f"“{name}” has more than {MOST_SLICE_VALUES} values; group them before "
                    "slicing by it.",
                    field="columns.slices",
                )
        if any(len(value) > 200 for (value,) in found):
            raise Invalid(
                f"A value of “{name}” has more than 200 characters.", field="columns.slices"
            )
        return [value for (value,) in found]

    def _code(self, index: int) -> str:
        """SQL of a slice's small number: 0 for missing, else the place of its value."""
        if not self.values[index]:
            return "0::UTINYINT"
        values = ", ".join(literal(value) for value in self.values[index])
        return f"coalesce(list_position([{values}], s{index}::VARCHAR), 0)::UTINYINT"

    def _named(self, index: int, code: int) -> str:
        return (self.values[index][code - 1] or EMPTY) if code else MISSING

    def _digest(self) -> str:
        """Sums one hash a row, so the order of rows does not matter where they have a key.

        Without a key a row is known by its position; labels are then hashed in words of sixty.
        """
        if self.columns.row_key:
            kind, rows = (
                "key",
                f"SELECT concat(row_key, chr(31), label::TINYINT) AS r FROM {self._rows}",
            )
        else:
            kind, rows = (
                "order",
                "SELECT concat(position // 60, ':', sum(label::BIGINT << (position % 60))) AS r "
                f"FROM {self._rows} GROUP BY position // 60",
            )
        total = self.session.row(
            f"SELECT sum(md5_number_upper(r)::HUGEINT) AS total FROM ({rows})", self._parameters
        )["total"]
        return f"{kind}:{self.rows}:{int(total):x}"

    # few rows: fetched and ranked one by one

    def _each_row(self) -> tuple[Tally, list[Slice]]:
        self._step("Ranking every row")
        codes = "".join(f", {self._code(i)} AS c{i}" for i in range(len(self.values)))
        key = ", hash(row_key) AS h" if self.columns.row_key else ""
        found = self.session.arrays(
            f"SELECT score, label = 1 AS label{codes}{key} FROM {self._rows}", self._parameters
        )
        scores, labels = np.asarray(found["score"]), np.asarray(found["label"])
        if key:
            self._refuse_repeated_keys(found["h"])
        slices = [
            Slice(
                name, self._named(i, code), tally_rows(scores[own], labels[own], self.threshold)
            )
            for i, name in enumerate(self.columns.slices)
            for code in np.unique(found[f"c{i}"])
            for own in [np.asarray(found[f"c{i}"]) == code]
        ]
        return tally_rows(scores, labels, self.threshold), slices

    def _refuse_repeated_keys(self, hashes: np.ndarray) -> None:
        if len(np.unique(hashes)) == self.rows:
            return
        repeated = self.session.rows(
            f"SELECT row_key::VARCHAR FROM {self._rows} GROUP BY row_key "
            "HAVING count(*) > 1 LIMIT 1",
            self._parameters,
        )
        if repeated:
            raise Invalid(
                f"The row key “{repeated[0][0]}” occurs more than once in "
                f"“{self.columns.row_key}”.",
                field="columns.row_key",
            )

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
            "count(*) FILTER (label = 1) AS positives, min(score) AS low, max(score) AS high "
            f"FROM {self._rows} GROUP BY code ORDER BY code",
            self._parameters,
        )
        return bins.Grid(
            *(np.asarray(found[k]) for k in ("code", "n", "positives", "low", "high"))
        )

    def _put_into_bins(self, grid: bins.Grid, bin_of: np.ndarray) -> None:
        """Keeps a narrow table of what the slices need: about thirty bytes a row, spilled when large."""
        spread = np.zeros(bins.FINE, dtype=np.uint16)
        spread[grid.codes] = bin_of
        self.session.run(
            "CREATE TEMP TABLE bin_of AS SELECT unnest(range(?))::UINTEGER AS code, "
            "unnest(?::USMALLINT[]) AS bin",
            [bins.FINE, spread.tolist()],
        )
        codes = "".join(f", {self._code(i)} AS c{i}" for i in range(len(self.values)))
        right = "greatest(CASE WHEN label = 1 THEN score ELSE 1 - score END, "
        right += f"{SMALLEST_PROBABILITY!r})"
        self.session.run(
            "CREATE TEMP TABLE binned AS SELECT "
            "(bin * 2 + label)::USMALLINT AS bin, "
            f"(least(floor(score * {DECILES}), {DECILES - 1}) * 4 "
            f"+ CASE WHEN score >= {self.threshold!r} THEN 2 ELSE 0 END + label)::UTINYINT AS cell, "
            f"(score * {SCORE_UNIT})::UINTEGER AS score, "
            f"((score - label) * (score - label) * {SCORE_UNIT})::UINTEGER AS squared, "
            f"(-ln({right}) * {LOSS_UNIT})::UINTEGER AS loss{codes} "
            f"FROM {self._rows} AS rows JOIN bin_of "
            f"ON bin_of.code = ({bins.fine_code('score')})::UINTEGER",
            self._parameters,
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


# A comparison with NaN is not true, so NaN is bad too.
BAD_SCORE = "NOT coalesce(score BETWEEN 0 AND 1, false)"
BAD_LABEL = "NOT coalesce(label IN (0, 1), false)"


def _fault(part: str, text: str | None) -> str:
    if text is None:
        return f"has no {part.replace('_', ' ')}"
    shown = text if len(text) <= 40 else text[:40] + "…"
    if part == "label":
        return f"is “{shown}”, not 0 or 1"
    try:
        number = float(text)
    except ValueError:
        return f"is “{shown}”, not a number"
    return f"is {shown}, not a number" if number != number else f"is {shown}, outside [0, 1]"


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
