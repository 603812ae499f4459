"""Tallies yes-or-no predictions.

Few rows are ranked one by one in NumPy. Of many rows DuckDB counts what lies in each bin of scores
(see bins.py) and only those counts come here, so memory stays bounded however large the file is.
Sums without weights are kept as whole numbers of a small unit, so they are the same in whatever
order rows come.
"""

# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from governance.evaluation import bins
from governance.evaluation.curves import Points, curves
from governance.evaluation.slices import Slicing
from governance.metrics.binary import OUTCOMES
from governance.metrics.tally import (
    DECILES,
    SMALLEST_PROBABILITY,
    Decile,
    Decisions,
    Tally,
    Weights,
    Worth,
    tally_rows,
)

if TYPE_CHECKING:
    from governance.evaluation.engine import Run

# Units of the whole-number sums: a score to 2^-32, a log loss (at most 36.05) to 2^-26.
SCORE_UNIT = 2**32 - 1
LOSS_UNIT = 2**26

Named = tuple[str, str, Tally, str]


class Binary:
    """The tallies of one relation of scores and labels, over all rows and by slice."""

    def __init__(
        self,
        run: "Run",
        *,
        score: str = "score",
        label: str = "label",
        slicings: Sequence[Slicing] | None = None,
        name: str = "",
    ) -> None:
        self.run, self.session, self.name = run, run.session, name
        self.score, self.label = score, label
        self.slicings = run.columns.slices if slicings is None else slicings
        self.weight = "weight" if run.columns.weight else ""
        self.has_costs = bool(run.columns.costs) and score == "score"

    def tallied(self) -> tuple[Tally, list[Named]]:
        few = self.run.count <= self.run.limits.few_rows
        return self._each_row() if few else self._in_bins()

    def curves(self, overall: Tally) -> dict[str, Points]:
        return curves(overall, self.run.terms)

    @property
    def relation(self) -> str:
        """The rows with a score and a label of those names, and what each decision costs."""
        made = [f"{self.score} AS score", f"{self.label} AS label"]
        made += ["weight"] if self.weight else []
        made += [f"{sql} AS {name}" for name, sql in self._costs()]
        made += [f"s{i}" for i in range(len(self.run.columns.fields))] if self.slicings else []
        return f"(SELECT {', '.join(made)} FROM {self.run.rows.relation})"

    def _costs(self) -> list[tuple[str, str]]:
        if not self.has_costs:
            return []
        named, constant = self.run.columns.costs, self.run.terms.costs
        each = {
            outcome: f"cost_{outcome}"
            if outcome in named
            else f"{constant.get(outcome, 0.0)!r}"
            for outcome in OUTCOMES
        }
        choose = "CASE WHEN label = 1 THEN {} ELSE {} END"
        return [
            ("if_positive", choose.format(each["true_positive"], each["false_positive"])),
            ("if_negative", choose.format(each["false_negative"], each["true_negative"])),
        ]

    # few rows: fetched and ranked one by one

    def _each_row(self) -> tuple[Tally, list[Named]]:
        run = self.run
        run.step(f"Ranking every row{self.name}")
        parts = ["score", "label = 1 AS label", *(["weight"] if self.weight else [])]
        parts += ["if_positive", "if_negative"] if self.has_costs else []
        parts += [f"{run.numbering.code(one)} AS c{i}" for i, one in enumerate(self.slicings)]
        found = self.session.arrays(
            f"SELECT {', '.join(parts)} FROM {self.relation}", run.rows.parameters
        )
        slices = []
        for i, slicing in enumerate(self.slicings):
            codes = np.unique(found[f"c{i}"])
            run.numbering.check_crossed(slicing, len(codes))
            slices += [
                (
                    slicing.title,
                    run.numbering.named(slicing, code),
                    self._of(found, found[f"c{i}"] == code),
                    "binary",
                )
                for code in codes
            ]
        return self._of(found, slice(None)), slices

    def _of(self, found: dict[str, np.ndarray], own: np.ndarray | slice) -> Tally:
        costs = None
        if self.has_costs:
            costs = found["if_positive"][own], found["if_negative"][own]
        weights = found["weight"][own] if self.weight else None
        return tally_rows(
            found["score"][own], found["label"][own], self.run.terms.threshold, weights, costs
        )

    # many rows: counted by DuckDB

    @property
    def _count(self) -> str:
        return "sum(weight)" if self.weight else "count(*)"

    def _in_bins(self) -> tuple[Tally, list[Named]]:
        run = self.run
        run.step(f"Counting the scores{self.name}")
        grid, worth = self._grid()
        coarse, bin_of = grid.merged()
        run.step(f"Putting the scores into bins{self.name}")
        self._put_into_bins(grid, bin_of)
        overall = tally_of_bins(grid, grid.rows, grid.positives, self._cells(None), worth)
        slices: list[Named] = []
        for index, slicing in enumerate(self.slicings):
            run.step(f"Counting {slicing.title}")
            slices += self._slices_of(index, slicing, coarse)
        self.session.run("DROP TABLE binned")
        self.session.run("DROP TABLE bin_of")
        return overall, slices

    def _grid(self) -> tuple[bins.Grid, tuple | None]:
        positives = (
            "sum(weight) FILTER (label = 1)" if self.weight else "sum(label::UTINYINT)::BIGINT"
        )
        weigh = " * weight" if self.weight else ""
        costs = (
            f", sum(if_positive{weigh}) AS if_positive, sum(if_negative{weigh}) AS if_negative"
            if self.has_costs
            else ""
        )
        found = self.session.arrays(
            f"SELECT {bins.fine_code('score')} AS code, {self._count} AS n, "
            f"coalesce({positives}, 0) AS positives, min(score) AS low, max(score) AS high{costs} "
            f"FROM {self.relation} GROUP BY code ORDER BY code",
            self.run.rows.parameters,
        )
        grid = bins.Grid(*(found[k] for k in ("code", "n", "positives", "low", "high")))
        return grid, (found["if_positive"], found["if_negative"]) if self.has_costs else None

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
        run, decided = self.run, f"score >= {self.run.terms.threshold!r}"
        codes = "".join(
            f", {run.numbering.code(one)} AS c{i}" for i, one in enumerate(self.slicings)
        )
        right = "greatest(CASE WHEN label = 1 THEN score ELSE 1 - score END, "
        right += f"{SMALLEST_PROBABILITY!r})"
        kept = "".join(f", c{i}" for i in range(len(self.slicings)))
        kept += ", weight" if self.weight else ""
        extra = ", weight" if self.weight else ""
        if self.has_costs:
            kept += ", cost, if_positive, if_negative"
            extra += f", CASE WHEN {decided} THEN if_positive ELSE if_negative END AS cost"
            extra += ", if_positive, if_negative"
        # All but the bin is worked out before the join, while texts still are in dictionaries.
        self.session.run(
            "CREATE TEMP TABLE binned AS SELECT (bin * 2 + label)::USMALLINT AS bin, "
            f"cell, score, squared, loss{kept} FROM (SELECT label::UTINYINT AS label, "
            f"(least(floor(score * {DECILES}), {DECILES - 1}) * 4 "
            f"+ CASE WHEN {decided} THEN 2 ELSE 0 END + label)::UTINYINT AS cell, "
            f"(score * {SCORE_UNIT})::UINTEGER AS score, "
            f"((score - label) * (score - label) * {SCORE_UNIT})::UINTEGER AS squared, "
            f"(-ln({right}) * {LOSS_UNIT})::UINTEGER AS loss, "
            f"({bins.fine_code('score')})::UINTEGER AS code{extra}{codes} "
            f"FROM {self.relation}) JOIN bin_of USING (code)",
            run.rows.parameters,
        )

    def _cells(self, index: int | None) -> dict[str, np.ndarray]:
        """Counts and sums by tenth of the score, decision and label."""
        by = "" if index is None else f"c{index} AS code, "
        weigh = " * weight" if self.weight else ""
        sums = [
            f"sum({name}{weigh})::DOUBLE AS {name}" for name in ("score", "squared", "loss")
        ]
        if self.weight:
            sums += ["count(*) AS rows", "sum(weight * weight) AS square_weight"]
        if self.has_costs:
            sums += [f"sum({name}{weigh}) AS {name}" for name in WORTH]
            sums += [f"sum({name} * {name}{weigh}) AS {name}_squares" for name in WORTH]
        return self.session.arrays(
            f"SELECT {by}cell, {self._count} AS n, {', '.join(sums)} "
            "FROM binned GROUP BY ALL ORDER BY ALL"
        )

    def _slices_of(self, index: int, slicing: Slicing, coarse: bins.Grid) -> list[Named]:
        counted = self.session.arrays(
            f"SELECT c{index} AS code, bin, {self._count} AS n FROM binned GROUP BY ALL"
        )
        cells = self._cells(index)
        codes = np.unique(counted["code"])
        self.run.numbering.check_crossed(slicing, len(codes))
        slices = []
        for code in codes:
            own = counted["code"] == code
            counts = np.zeros(2 * len(coarse.codes), dtype=counted["n"].dtype)
            counts[counted["bin"][own]] = counted["n"][own]
            mine = {key: values[cells["code"] == code] for key, values in cells.items()}
            rows, positives = counts[::2] + counts[1::2], counts[1::2]
            tally = tally_of_bins(coarse, rows, positives, mine)
            slices.append(
                (slicing.title, self.run.numbering.named(slicing, code), tally, "binary")
            )
        return slices


WORTH = ("cost", "if_positive", "if_negative")


def tally_of_bins(
    grid: bins.Grid,
    rows: np.ndarray,
    positives: np.ndarray,
    cells: dict[str, np.ndarray],
    worth: tuple[np.ndarray, np.ndarray] | None = None,
) -> Tally:
    """Joins the counts in bins with the exact counts and sums in cells."""
    kept = rows > 0
    label, predicted = cells["cell"] & 1, cells["cell"] >> 1 & 1
    made = {
        (p, y): cells["n"][(predicted == p) & (label == y)].sum().item()
        for p in (0, 1)
        for y in (0, 1)
    }
    deciles = [
        Decile(
            cells["n"][own].sum().item(),
            cells["n"][own & (label == 1)].sum().item(),
            float(cells["score"][own].sum()) / SCORE_UNIT,
        )
        for own in (cells["cell"] >> 2 == decile for decile in range(DECILES))
    ]
    return Tally(
        scores=grid.scores[kept],
        positives=positives[kept],
        negatives=(rows - positives)[kept],
        single=grid.single[kept],
        decisions=Decisions(made[1, 1], made[1, 0], made[0, 0], made[0, 1]),
        deciles=deciles,
        squared_error=float(cells["squared"].sum()) / SCORE_UNIT,
        log_loss=float(cells["loss"].sum()) / LOSS_UNIT,
        weights=_weights(cells, label) if "square_weight" in cells else None,
        worth=_worth(cells, worth, kept) if "cost" in cells else None,
    )


def _weights(cells: dict[str, np.ndarray], label: np.ndarray) -> Weights:
    return Weights(
        rows=int(cells["rows"].sum()),
        positive_rows=int(cells["rows"][label == 1].sum()),
        squares_of_positives=float(cells["square_weight"][label == 1].sum()),
        squares_of_negatives=float(cells["square_weight"][label == 0].sum()),
    )


def _worth(
    cells: dict[str, np.ndarray],
    by_group: tuple[np.ndarray, np.ndarray] | None,
    kept: np.ndarray,
) -> Worth:
    """Where no curve is drawn, all groups are taken as one."""
    if by_group is None:
        groups = [np.array([cells[name].sum()]) for name in ("if_positive", "if_negative")]
    else:
        groups = [values[kept] for values in by_group]
    return Worth(
        total=float(cells["cost"].sum()),
        squares=float(cells["cost_squares"].sum()),
        if_positive=groups[0],
        if_negative=groups[1],
        squares_if_positive=float(cells["if_positive_squares"].sum()),
        squares_if_negative=float(cells["if_negative_squares"].sum()),
    )
