"""Tallies predicted numbers: sums of errors and of their powers."""

# The SQL is of names given here and of numbers.
# ruff: noqa: S608

from math import sqrt
from typing import TYPE_CHECKING

from governance.evaluation.curves import Points
from governance.evaluation.kinds.sums import grouped, named_groups
from governance.evaluation.rows import ROWS_FOR_QUANTILES
from governance.metrics.metric import HIDDEN_UNDER
from governance.metrics.regression import Errors
from governance.metrics.statistics import Z95

if TYPE_CHECKING:
    from governance.evaluation.engine import Run

BANDS = 20
E = "(prediction - label)"
RELATIVE = f"CASE WHEN label <> 0 THEN abs({E} / label) END"


class Regression:
    def __init__(self, run: "Run") -> None:
        self.run = run

    def tallied(self) -> tuple[Errors, list]:
        run = self.run
        run.step("Adding up the errors")
        self.origin = run.session.row(
            f"SELECT avg(label) AS origin FROM {run.rows.relation}", run.rows.parameters
        )["origin"]
        groups = grouped(run, self._sums())
        slices = [
            (field, value, self._errors(rows[0]), "regression")
            for field, value, rows in named_groups(run, groups)
        ]
        return self._errors(groups[None, 0][0]), slices

    def curves(self, overall: Errors) -> dict[str, Points]:
        return {"predicted": self._predicted()}

    def _predicted(self) -> Points:
        """Mean prediction and mean label, with its interval, in bands of equal size by prediction."""
        run = self.run
        every = max(1, run.count // ROWS_FOR_QUANTILES)
        shares = [i / BANDS for i in range(1, BANDS)]
        edges = run.session.row(
            f"SELECT quantile_disc(prediction, {shares}) AS edges FROM {run.rows.relation} "
            f"WHERE hash(position) % {every} = 0",
            run.rows.parameters,
        )["edges"]
        listed = ", ".join(f"{edge!r}::DOUBLE" for edge in dict.fromkeys(edges or ()))
        found = run.session.dicts(
            f"SELECT len(list_filter([{listed}]::DOUBLE[], lambda edge: prediction >= edge)) AS band, "
            "count(*) AS n, avg(prediction) AS prediction, avg(label) AS label, "
            f"stddev_samp(label) AS spread FROM {run.rows.relation} GROUP BY band ORDER BY band",
            run.rows.parameters,
        )
        return [_point(row) for row in found if row["n"] >= HIDDEN_UNDER]

    def _sums(self) -> dict[str, str]:
        d = f"(label - {self.origin!r}::DOUBLE)"
        below = self.run.terms.quantile
        pinball = f"(CASE WHEN {E} < 0 THEN {-below!r} ELSE {1 - below!r} END * {E})"
        terms = {
            "e": E,
            "e2": f"{E} ** 2",
            "e4": f"{E} ** 4",
            "absolute": f"abs({E})",
            "relative": RELATIVE,
            "relative2": f"({RELATIVE}) ** 2",
            "pinball": pinball,
            "pinball2": f"{pinball} ** 2",
            "d": d,
            "d2": f"{d} ** 2",
            "d3": f"{d} ** 3",
            "d4": f"{d} ** 4",
            "e2d": f"{E} ** 2 * {d}",
            "e2d2": f"{E} ** 2 * {d} ** 2",
        }
        weight = "weight" if self.run.columns.weight else "1.0::DOUBLE"
        return {
            "rows": "count(*)",
            "n": f"sum({weight})",
            "squared_weights": f"sum({weight} * {weight})",
            "zeros": "count(*) FILTER (label = 0)",
            "largest": f"max(abs({E}))",
            **{name: f"coalesce(sum({sql} * {weight}), 0)" for name, sql in terms.items()},
        }

    def _errors(self, row: dict) -> Errors:
        names = Errors.__dataclass_fields__.keys() - {"origin", "is_weighted"}
        sums = {name: row[name] for name in names}
        return Errors(**sums, origin=self.origin, is_weighted=bool(self.run.columns.weight))


def _point(row: dict) -> dict[str, float | int]:
    half = Z95 * row["spread"] / sqrt(row["n"])
    return {
        "n": row["n"],
        "prediction": float(f"{row['prediction']:.6g}"),
        "label": float(f"{row['label']:.6g}"),
        "low": float(f"{row['label'] - half:.6g}"),
        "high": float(f"{row['label'] + half:.6g}"),
    }
