"""Measures a table of yes-or-no predictions where it lies: the same aggregates as for a file, pushed down.

The tallies are those that kinds/binary.py makes of many rows, from the same bins, so the figures are
the same up to the last digits of floating-point sums.
"""

# Column names are quoted by quoted(), values by literal(), the table's name is checked.
# ruff: noqa: S608

from collections.abc import Callable
from functools import cached_property

import numpy as np

from governance.errors import Invalid
from governance.evaluation import bins
from governance.evaluation.columns import Columns
from governance.evaluation.curves import curves
from governance.evaluation.engine import Numbering, Result, Slice
from governance.evaluation.kinds.binary import LOSS_UNIT, SCORE_UNIT, tally_of_bins
from governance.evaluation.rows import LONGEST_SLICE_VALUE, MOST_SLICE_VALUES
from governance.evaluation.session import literal, quoted
from governance.evaluation.slices import Field, Slicing, band_names
from governance.evaluation.warehouses import Warehouse, column, hash_halves
from governance.metrics.metric import Terms
from governance.metrics.tally import DECILES, SMALLEST_PROBABILITY, Tally

Progress = Callable[[int, int, str], None]


def measure(
    warehouse: Warehouse, table: str, columns: Columns, *, terms: Terms, progress: Progress
) -> tuple[Result, str]:
    """Measures the table; also returns the digest of all it was measured from."""
    return _Pushed(warehouse, table, columns, terms, progress).result()


class _Pushed:
    def __init__(
        self,
        warehouse: Warehouse,
        table: str,
        columns: Columns,
        terms: Terms,
        progress: Progress,
    ) -> None:
        self.warehouse, self.table = warehouse, table
        self.columns, self.terms = columns, terms
        self._progress, self._done = progress, 0

    def result(self) -> tuple[Result, str]:
        self._step("Looking at the table")
        self._refuse_what_is_not_pushed_down()
        self._step("Checking every row")
        count, positives = self._checked()
        self.numbering = Numbering(
            self.columns.fields, {one.name: self._values(one) for one in self.columns.fields}
        )
        self._step("Taking the digest of the rows")
        rows_digest, data_digest = self._digests(count)
        self._step("Counting the scores")
        grid = self._grid()
        coarse, bin_of = grid.merged()
        self.warehouse.keep("bin_of", {"code": grid.codes, "bin": bin_of})
        overall = tally_of_bins(grid, grid.rows, grid.positives, self._cells(self._binned()))
        slices = []
        for slicing in self.columns.slices:
            self._step(f"Counting {slicing.title}")
            slices += self._slices_of(slicing, coarse)
        points = curves(overall, self.terms)
        return (
            Result(count, positives, rows_digest, overall, slices, overall.ranking, points),
            data_digest,
        )

    def _step(self, text: str) -> None:
        self._progress(self._done, 5 + len(self.columns.slices), text)
        self._done += 1

    def _refuse_what_is_not_pushed_down(self) -> None:
        columns = self.columns
        unfit = {
            "task": columns.task != "binary",
            "columns.row_key": not columns.row_key,
            "columns.weight": bool(columns.weight),
            "columns.costs": bool(columns.costs),
            "columns.slices": any(one.quantiles for one in columns.fields),
        }
        for field, is_unfit in unfit.items():
            if is_unfit:
                raise Invalid(
                    "Of a warehouse's table this server measures yes-or-no predictions with a row "
                    "key, without weights, costs of each row or quantiles.",
                    field=field,
                )
        present = self.warehouse.rows(f"SELECT * FROM {self.table} LIMIT 1")
        if not present:
            raise Invalid("The table has no rows.", field="source")
        columns.check_against(list(present[0]))

    @cached_property
    def rows(self) -> str:
        columns = self.columns
        mapped = [
            f"TRY_CAST({quoted(columns.score)} AS DOUBLE) AS score",
            f"TRY_CAST({quoted(columns.label)} AS DOUBLE) AS label",
            f"CAST({quoted(columns.row_key)} AS VARCHAR) AS row_key",
            *(f"{_sliced(field)} AS s{i}" for i, field in enumerate(columns.fields)),
        ]
        return f"(SELECT {', '.join(mapped)} FROM {self.table}) AS predictions"

    def _checked(self) -> tuple[int, int]:
        good = {
            "score": "score BETWEEN 0 AND 1",
            "label": "label = 0 OR label = 1",
            "row_key": "NOT row_key IS NULL",
        }
        bad = ", ".join(
            f"sum(CASE WHEN {is_good} THEN 0 ELSE 1 END) AS bad_{part}"
            for part, is_good in good.items()
        )
        (found,) = self.warehouse.rows(
            "SELECT count(*) AS n, sum(CASE WHEN label = 1 THEN 1 ELSE 0 END) AS positives, "
            f"count(DISTINCT row_key) AS keys, {bad} FROM {self.rows}"
        )
        n, positives = int(found["n"]), int(found["positives"])
        for part, expected in (
            ("score", "a number in [0, 1]"),
            ("label", "0 or 1"),
            ("row_key", "there"),
        ):
            if count := int(found[f"bad_{part}"]):
                name = getattr(self.columns, part)
                raise Invalid(
                    f"“{name}” is not {expected} in {count:,} rows.", field=f"columns.{part}"
                )
        if int(found["keys"]) < n:
            raise Invalid(
                f"Row keys in “{self.columns.row_key}” occur more than once.",
                field="columns.row_key",
            )
        if positives in (0, n):
            raise Invalid(
                f"Every label in “{self.columns.label}” is {int(positives > 0)}; both 0 and 1 "
                "are needed.",
                field="columns.label",
            )
        return n, positives

    def _values(self, field: Field) -> list[str]:
        self._step(f"Finding the values of {field.name}")
        if field.edges:
            return band_names(field.edges)
        place = [one.name for one in self.columns.fields].index(field.name)
        found = self.warehouse.rows(
            f"SELECT DISTINCT s{place} AS v FROM {self.rows} WHERE NOT s{place} IS NULL "
            f"LIMIT {MOST_SLICE_VALUES + 1}"
        )
        values = sorted(row["v"] for row in found)
        if len(values) > MOST_SLICE_VALUES or any(len(v) > LONGEST_SLICE_VALUE for v in values):
            raise Invalid(
                f"“{field.name}” has more than {MOST_SLICE_VALUES} values, or longer ones than "
                f"{LONGEST_SLICE_VALUE} characters.",
                field="columns.slices",
            )
        return values

    def _digests(self, count: int) -> tuple[str, str]:
        """The digest a file of these rows has, and one that changes with any score as well."""
        label = "CASE WHEN label = 1 THEN '1' ELSE '0' END"
        truth = f"row_key || chr(31) || {label}"
        texts = {"rows": truth, "all": f"{truth} || chr(31) || CAST(score AS VARCHAR)"}
        sums = []
        for name, text in texts.items():
            halves = hash_halves(text, self.warehouse.dialect)
            sums += [
                f"sum({half}) AS {name}_{end}"
                for half, end in zip(halves, ("high", "low"), strict=True)
            ]
        (found,) = self.warehouse.rows(f"SELECT {', '.join(sums)} FROM {self.rows}")
        rows, everything = (
            (int(found[f"{name}_high"]) << 32) + int(found[f"{name}_low"]) for name in texts
        )
        return f"key:{count}:{rows:x}", f"table:{count}:{everything:x}"

    def _grid(self) -> bins.Grid:
        found = self.warehouse.rows(
            "SELECT code, count(*) AS n, sum(CASE WHEN label = 1 THEN 1 ELSE 0 END) AS positives, "
            f"min(score) AS low, max(score) AS high FROM (SELECT {bins.fine_code('score')} AS code, "
            f"score, label FROM {self.rows}) AS coded GROUP BY code ORDER BY code"
        )
        counts = [column(found, name, np.int64) for name in ("code", "n", "positives")]
        return bins.Grid(*counts, column(found, "low"), column(found, "high"))

    def _binned(self, code: str = "0") -> list[dict]:
        """Counts and sums by slice, bin, and tenth of the score, decision and label."""
        right = "CASE WHEN label = 1 THEN score ELSE 1 - score END"
        cell = (
            f"CAST(least(floor(score * {DECILES}), {DECILES - 1}) AS INTEGER) * 4 "
            f"+ CASE WHEN score >= {self.terms.threshold!r} THEN 2 ELSE 0 END "
            "+ CASE WHEN label = 1 THEN 1 ELSE 0 END"
        )
        return self.warehouse.rows(
            "SELECT slice, bin, cell, count(*) AS n, sum(score) AS score, "
            "sum(squared) AS squared, sum(loss) AS loss FROM ("
            f"SELECT {code} AS slice, {cell} AS cell, score, "
            "(score - label) * (score - label) AS squared, "
            f"-ln(greatest({right}, {SMALLEST_PROBABILITY!r})) AS loss, "
            f"{bins.fine_code('score')} AS code FROM {self.rows}) AS coded "
            "JOIN bin_of ON coded.code = bin_of.code GROUP BY slice, bin, cell"
        )

    def _cells(self, found: list[dict]) -> dict[str, np.ndarray]:
        return {
            "cell": column(found, "cell", np.int64),
            "n": column(found, "n", np.int64),
            "score": column(found, "score") * SCORE_UNIT,
            "squared": column(found, "squared") * SCORE_UNIT,
            "loss": column(found, "loss") * LOSS_UNIT,
        }

    def _slices_of(self, slicing: Slicing, coarse: bins.Grid) -> list[Slice]:
        by_code: dict[int, list[dict]] = {}
        for row in self._binned(self.numbering.portable_code(slicing)):
            by_code.setdefault(int(row["slice"]), []).append(row)
        self.numbering.check_crossed(slicing, len(by_code))
        return [
            Slice(slicing.title, self.numbering.named(slicing, code), self._tally(rows, coarse))
            for code, rows in sorted(by_code.items())
        ]

    def _tally(self, found: list[dict], coarse: bins.Grid) -> Tally:
        cells, place = self._cells(found), column(found, "bin", np.int64)
        size = len(coarse.codes)
        rows = np.bincount(place, weights=cells["n"], minlength=size).astype(np.int64)
        of_positives = cells["n"] * (cells["cell"] & 1)
        positives = np.bincount(place, weights=of_positives, minlength=size).astype(np.int64)
        return tally_of_bins(coarse, rows, positives, cells)


def _sliced(field: Field) -> str:
    name = quoted(field.name)
    if not field.edges:
        return f"CAST({name} AS VARCHAR)"
    number, names = f"TRY_CAST({name} AS DOUBLE)", band_names(field.edges)
    cases = " ".join(
        f"WHEN {number} < {edge!r} THEN {literal(band)}"
        for edge, band in zip(field.edges, names[:-1], strict=True)
    )
    return f"CASE WHEN {number} IS NULL THEN NULL {cases} ELSE {literal(names[-1])} END"
