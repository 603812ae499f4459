"""Puts the rows of two evaluations side by side and counts them in groups; judges nothing.

The files never leave the worker: what comes out are counts and sums, and the scores of few rows.
"""

# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from django.conf import settings

from governance.errors import Invalid
from governance.evaluation import bins, engine, sources
from governance.evaluation.columns import Columns
from governance.evaluation.engine import Numbering, Progress
from governance.evaluation.models import Evaluation
from governance.evaluation.reading import columns_of, opened, terms_of
from governance.evaluation.rows import Rows, parts_of, rows_of, slice_values, truth_of
from governance.evaluation.session import Session
from governance.evaluation.slices import Slicing
from governance.evaluation.table import faults_named, open_table
from governance.metrics import statistics
from governance.metrics.binary import OUTCOMES
from governance.metrics.metric import Terms
from governance.metrics.paired import Pairs, Sum
from governance.metrics.statistics import Estimate
from governance.metrics.tally import SMALLEST_PROBABILITY

SAME = "The two evaluations do not have the same rows"
LOSS = "-ln(greatest(CASE WHEN label THEN {0} ELSE 1 - {0} END, {1!r}))"
# What is averaged over pairs, by name: SQL of a row's difference, first minus second.
DIFFERENCES = {
    "brier": "pow(first - label::INT, 2) - pow(second - label::INT, 2)",
    "logloss": f"{LOSS.format('first', SMALLEST_PROBABILITY)} - "
    f"({LOSS.format('second', SMALLEST_PROBABILITY)})",
    "score": "first - second",
}


@dataclass(frozen=True)
class Group:
    """The pairs of all rows (both names empty) or of one slice."""

    field: str
    value: str
    code: int
    pairs: Pairs


class Pairing:
    """The table of pairs in a session, and what its slices are called."""

    def __init__(
        self, session: Session, columns: Columns, numbering: Numbering, terms: Terms
    ) -> None:
        self.session, self.columns = session, columns
        self.numbering, self.terms = numbering, terms

    @property
    def slicings(self) -> tuple[Slicing, ...]:
        return tuple(self.columns.slices)

    @property
    def is_weighted(self) -> bool:
        return bool(self.columns.weight)

    @property
    def has_costs(self) -> bool:
        return bool(self.terms.costs or self.columns.costs)

    def groups(self, index: int | None) -> list[Group]:
        """Counts the pairs of all rows, or of every slice of one field or crossing."""
        differences = {**DIFFERENCES, **({"cost": "cost"} if self.has_costs else {})}
        sums = ", ".join(
            f"sum(weight * d_{name})::DOUBLE AS {name}, "
            f"sum(weight * d_{name} * d_{name})::DOUBLE AS {name}_squares"
            for name in differences
        )
        each = ", ".join(f"{sql} AS d_{name}" for name, sql in differences.items())
        found = self.session.arrays(
            f"SELECT code, label::INT AS label, a, b, count(*) AS rows, sum(weight)::DOUBLE AS n, "
            f"sum(weight * weight)::DOUBLE AS weights, {sums} FROM "
            f"(SELECT *, {self._code(index)} AS code, first_decision::INT AS a, "
            f"second_decision::INT AS b, {each} FROM pairs) GROUP BY ALL ORDER BY ALL"
        )
        groups = []
        for code in np.unique(found["code"]):
            own = {key: values[found["code"] == code] for key, values in found.items()}
            title, value = self._named(index, int(code))
            groups.append(Group(title, value, int(code), _pairs(own, differences)))
        return groups

    def scores(self, index: int | None) -> dict[str, np.ndarray]:
        """Returns label, both scores and the code of the slice of every row; for few rows only."""
        return self.session.arrays(
            f"SELECT label, first, second, {self._code(index)} AS code FROM pairs"
        )

    def areas(self, index: int | None) -> dict[int, Estimate]:
        """The paired difference of the ROC AUC by code, from the fine grid: no row comes here."""
        for side in ("first", "second"):
            self._place(side, index)
        found = self.session.rows(
            "SELECT code, label, count(*), sum(d), sum(d * d) FROM (SELECT p.code, label, "
            "CASE WHEN label THEN a.below - b.below ELSE a.above - b.above END AS d "
            f"FROM (SELECT *, {self._code(index)} AS code FROM pairs) AS p "
            f"JOIN places_first AS a ON a.code = p.code AND a.grid = {bins.fine_code('first')} "
            f"JOIN places_second AS b ON b.code = p.code AND b.grid = {bins.fine_code('second')}) "
            "GROUP BY ALL ORDER BY code, label DESC"
        )
        by_code: dict[int, list[tuple]] = {}
        for code, _label, *moments in found:
            by_code.setdefault(int(code), []).append(moments)
        return {code: _from_moments(both) for code, both in by_code.items() if len(both) == 2}

    def _place(self, side: str, index: int | None) -> None:
        """Keeps where each grid position of one score stands among the rows of its slice."""
        self.session.run(
            f"CREATE OR REPLACE TEMP TABLE places_{side} AS SELECT code, grid, "
            "(sum(n) OVER w - n / 2) / nullif(sum(n) OVER whole, 0) AS below, "
            "1 - (sum(p) OVER w - p / 2) / nullif(sum(p) OVER whole, 0) AS above "
            f"FROM (SELECT {self._code(index)} AS code, {bins.fine_code(side)} AS grid, "
            "count(*) FILTER (label)::DOUBLE AS p, count(*) FILTER (NOT label)::DOUBLE AS n "
            "FROM pairs GROUP BY ALL) WINDOW whole AS (PARTITION BY code), "
            "w AS (PARTITION BY code ORDER BY grid ROWS UNBOUNDED PRECEDING)"
        )

    def _code(self, index: int | None) -> str:
        return "0" if index is None else f"c{index}"

    def _named(self, index: int | None, code: int) -> tuple[str, str]:
        if index is None:
            return "", ""
        slicing = self.slicings[index]
        return slicing.title, self.numbering.named(slicing, code)


@dataclass(frozen=True)
class Opened:
    """The rows of two evaluations in one session, checked to be the same."""

    session: Session
    columns: Columns
    first: Rows
    second: Rows
    numbering: Numbering
    terms: Terms
    other_threshold: float
    by: str
    count: int

    @property
    def second_parts(self) -> list[tuple[str, str]]:
        """What the second says of every row, by name."""
        return [
            part
            for part in parts_of(self.second.table, self.second.columns)
            if part[0].startswith(("score", "prediction"))
        ]

    def refuse_unpaired(self, table: str) -> None:
        paired = self.session.row(f"SELECT count(*) AS n FROM {table}")["n"]
        if paired != self.count:
            raise Invalid(
                f"The rows cannot be paired: {self.count:,} rows make {paired:,} pairs."
            )


@contextmanager
def opened_rows(
    evaluation: Evaluation, other: Evaluation, progress: Progress
) -> Iterator[Opened]:
    """Opens both files; refuses rows that are not the same, saying how many."""
    with ExitStack() as stack:
        scratch = stack.enter_context(sources.scratch_folder())
        files = [
            stack.enter_context(opened(one, _folder(scratch, name), progress))[0]
            for one, name in ((evaluation, "first"), (other, "second"))
        ]
        memory = engine.duckdb_share(settings.EVALUATION_MEMORY)
        session = Session(
            files, scratch=scratch, memory=memory, threads=settings.EVALUATION_THREADS
        )
        stack.callback(session.close)
        columns = columns_of(evaluation)
        progress(0, 3, "Reading both files")
        first = _rows(session, columns, files[0])
        second = _rows(session, replace(columns_of(other), slices=()), files[1])
        progress(1, 3, "Finding the slices")
        values = {
            field.name: slice_values(first, index) for index, field in enumerate(columns.fields)
        }
        by = _checked(session, first, second, evaluation, other)
        yield Opened(
            session,
            columns,
            first,
            second,
            Numbering(columns.fields, values),
            terms_of(evaluation),
            other.threshold,
            by,
            evaluation.rows,
        )


@contextmanager
def paired_rows(
    evaluation: Evaluation, other: Evaluation, progress: Progress
) -> Iterator[Pairing]:
    """Opens both files and pairs their rows of yes-or-no predictions."""
    with opened_rows(evaluation, other, progress) as opened:
        pairing = Pairing(opened.session, opened.columns, opened.numbering, opened.terms)
        progress(2, 3, "Pairing the rows")
        _join(pairing, opened)
        yield pairing


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


def _rows(session: Session, columns: Columns, file: Path) -> Rows:
    table = open_table(session, file)
    with faults_named(table.title):
        return rows_of(session, table, columns, file.parent)


def _checked(
    session: Session, first: Rows, second: Rows, evaluation: Evaluation, other: Evaluation
) -> str:
    """Returns what rows are paired by: their key, or their position where they have none."""
    keyed = [bool(rows.columns.row_key) for rows in (first, second)]
    if keyed[0] != keyed[1]:
        raise Invalid(
            "One evaluation names a row key and the other does not, so rows cannot be paired."
        )
    by = "row_key" if all(keyed) else "position"
    if all(keyed):
        _refuse_repeated(first, second)
    if evaluation.rows_digest != other.rows_digest:
        raise Invalid(_mismatch(session, first, second, by))
    return by


def _join(pairing: Pairing, opened: Opened) -> None:
    """Keeps label and both scores of every row; slices are those of the first."""
    first, second, by = opened.first, opened.second, opened.by
    weight = "a.weight" if first.columns.weight else "1.0"
    left_out = "label, score, weight" if first.columns.weight else "label, score"
    codes = "".join(
        f", coalesce({pairing.numbering.code(one)}, 0) AS c{i}"
        for i, one in enumerate(pairing.slicings)
    )
    cost = f", {_cost(first, pairing.terms)} AS cost" if pairing.has_costs else ""
    pairing.session.run(
        f"CREATE TEMP TABLE pairs AS SELECT label, first, second, first_decision, "
        f"second_decision, weight{codes}{cost} FROM (SELECT a.* EXCLUDE ({left_out}), "
        "label = 1 AS label, a.score AS first, b.score AS second, "
        f"{weight} AS weight, "
        f"a.score >= {opened.terms.threshold!r} AS first_decision, "
        f"b.score >= {opened.other_threshold!r} AS second_decision "
        f"FROM {first.relation} AS a "
        f"JOIN (SELECT {by}, label, score FROM {second.relation}) AS b USING ({by}, label))",
        [*first.parameters, *second.parameters],
    )
    opened.refuse_unpaired("pairs")


def _cost(rows: Rows, terms: Terms) -> str:
    """SQL of what the first decision costs minus what the second does, by the costs of the row."""
    each = {
        outcome: f"cost_{outcome}"
        if outcome in rows.columns.costs
        else repr(float(terms.costs.get(outcome, 0.0)))
        for outcome in OUTCOMES
    }
    worth = (
        "CASE WHEN label THEN (CASE WHEN {0} THEN {1} ELSE {4} END) "
        "ELSE (CASE WHEN {0} THEN {2} ELSE {3} END) END"
    )
    first, second = (
        worth.format(made, *(each[outcome] for outcome in OUTCOMES))
        for made in ("first_decision", "second_decision")
    )
    return f"{first} - {second}"


def _refuse_repeated(first: Rows, second: Rows) -> None:
    counts = [
        rows.session.row(
            f"SELECT count(*) - count(DISTINCT row_key) AS n FROM {rows.relation}",
            rows.parameters,
        )["n"]
        for rows in (first, second)
    ]
    if any(counts):
        raise Invalid(
            f"Row keys must be unique: {counts[0]:,} rows of the first and {counts[1]:,} of the "
            "second repeat a key."
        )


def _mismatch(session: Session, first: Rows, second: Rows, by: str) -> str:
    """Says how many rows each has for itself, and how many of those shared have another label."""
    found = session.row(
        f"SELECT count(*) FILTER (b.{by} IS NULL) AS only_first, "
        f"count(*) FILTER (a.{by} IS NULL) AS only_second, "
        "count(*) FILTER (a.label <> b.label) AS others "
        f"FROM (SELECT {by}, {truth_of(first.columns)} AS label FROM {first.relation}) AS a "
        f"FULL JOIN (SELECT {by}, {truth_of(second.columns)} AS label FROM {second.relation}) "
        f"AS b ON a.{by} = b.{by}",
        [*first.parameters, *second.parameters],
    )
    kind = "row keys" if by == "row_key" else "rows"
    return (
        f"{SAME}: {found['only_first']:,} {kind} are only in the first, "
        f"{found['only_second']:,} only in the second, and {found['others']:,} of those in both "
        "have another label."
    )


def _pairs(found: dict[str, np.ndarray], differences: dict[str, str]) -> Pairs:
    cells = np.zeros((2, 2, 2))
    cells[found["label"], found["a"], found["b"]] = found["n"]
    n = float(found["n"].sum())
    sums = {
        name: Sum(float(found[name].sum()), float(found[f"{name}_squares"].sum()))
        for name in differences
    }
    return Pairs(int(found["rows"].sum()), cells, sums, float(found["weights"].sum()) / n)


def _from_moments(both: list[list[float]]) -> Estimate:
    """From count, sum and sum of squares of the placements' differences, of positives first."""
    (p, total, _), _ = both
    variances = [
        (squares - sum_ * sum_ / n) / (n - 1) / n if n > 1 else float("nan")
        for n, sum_, squares in both
    ]
    found = statistics.paired_from_moments(total / p, *variances)
    binned = f"{found.method}, in bins" if found.has_interval else found.method
    return Estimate(found.value, found.low, found.high, binned)
