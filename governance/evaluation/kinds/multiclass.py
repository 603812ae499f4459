"""Tallies predictions of one class of several: confusion matrices, and each class against the rest."""

# Class names are quoted by literal().
# ruff: noqa: S608

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from governance.errors import Invalid
from governance.evaluation.columns import CLASS, MOST_CLASSES
from governance.evaluation.curves import Points
from governance.evaluation.kinds.binary import Binary
from governance.evaluation.kinds.sums import grouped, named_groups
from governance.evaluation.session import literal
from governance.metrics.multiclass import Confusion, one_against_the_rest
from governance.metrics.tally import SMALLEST_PROBABILITY, Tally, Weights, decided_only

if TYPE_CHECKING:
    from governance.evaluation.engine import Run


class MultiClass:
    def __init__(self, run: "Run") -> None:
        self.run, self.scores = run, run.columns.scores

    def tallied(self) -> tuple[Confusion, list]:
        run = self.run
        run.step("Finding the classes")
        self.classes = self._classes()
        run.step("Counting labels and predictions")
        groups = grouped(run, self._sums(), by=("label", "prediction"))
        overall = self._confusion(groups[None, 0], self._tallies())
        slices = [
            (field, value, self._confusion(rows), "multiclass")
            for field, value, rows in named_groups(run, groups)
        ]
        of_classes = [
            (CLASS, name, *self._of_class(overall, place))
            for place, name in enumerate(self.classes)
        ]
        return overall, of_classes + slices

    def curves(self, overall: Confusion) -> dict[str, Points]:
        """How many rows of each label were predicted as each class; cells without rows are left out."""
        return {
            "confusion": [
                {"label": label, "prediction": prediction, "n": int(n)}
                for label, counts in zip(self.classes, overall.row_counts, strict=True)
                for prediction, n in zip(self.classes, counts, strict=True)
                if n
            ]
        }

    def _classes(self) -> list[str]:
        run, found = self.run, []
        for part in ("label", "prediction"):
            found += run.session.rows(
                f"SELECT DISTINCT {part} FROM {run.rows.relation} ORDER BY 1 LIMIT {MOST_CLASSES + 1}",
                run.rows.parameters,
            )
            known = sorted({name for (name,) in found})
            if len(known) > MOST_CLASSES:
                raise Invalid(
                    f"“{getattr(run.columns, part)}” has more than {MOST_CLASSES} classes.",
                    field=f"columns.{part}",
                )
            self._refuse_unknown(part, known)
        if len(known) < 2 and not self.scores:
            raise Invalid(
                f"Every label and prediction is “{known[0]}”; two classes are needed.",
                field="columns.label",
            )
        return sorted({*known, *self.scores})

    def _refuse_unknown(self, part: str, known: list[str]) -> None:
        if self.scores and (unknown := set(known) - set(self.scores)):
            raise Invalid(
                f"“{getattr(self.run.columns, part)}” has the class “{min(unknown)}”, which has no "
                f"scores; classes with scores are {', '.join(sorted(self.scores))}.",
                field=f"columns.{part}",
            )

    def _sums(self) -> dict[str, str]:
        weight = "weight" if self.run.columns.weight else "1"
        sums = {
            "n": f"sum({weight})",
            "rows": "count(*)",
            "squares": f"sum({weight} * {weight})",
        }
        if self.scores:
            whole = " + ".join(f"score{i}" for i in range(len(self.scores)))
            cases = " ".join(
                f"WHEN label = {literal(name)} THEN score{i}"
                for i, name in enumerate(self.scores)
            )
            least = repr(SMALLEST_PROBABILITY)
            right = f"greatest((CASE {cases} END) / nullif({whole}, 0), {least})"
            loss = f"-ln(coalesce({right}, {least}))"
            sums |= {"loss": f"sum({loss} * {weight})", "loss2": f"sum({loss} ** 2 * {weight})"}
        return sums

    def _confusion(
        self, rows: list[dict], tallies: dict[str, Tally] | None = None
    ) -> Confusion:
        place = {name: i for i, name in enumerate(self.classes)}
        counts, row_counts = np.zeros((2, len(place), len(place)))
        for row in rows:
            cell = place[row["label"]], place[row["prediction"]]
            counts[cell], row_counts[cell] = row["n"], row["rows"]
        loss = None
        if self.scores:
            loss = sum(row["loss"] for row in rows), sum(row["loss2"] for row in rows)
        return Confusion(
            classes=self.classes,
            counts=counts,
            row_counts=row_counts,
            squared_weights=float(sum(row["squares"] for row in rows)),
            log_loss=loss,
            tallies=tallies or {},
            is_weighted=bool(self.run.columns.weight),
        )

    def _tallies(self) -> dict[str, Tally]:
        return {
            name: Binary(
                self.run,
                score=f"score{i}",
                label=f"(label = {literal(name)})::UTINYINT",
                slicings=(),
                name=f" of {name}",
            ).tallied()[0]
            for i, name in enumerate(self.scores)
        }

    def _of_class(self, overall: Confusion, place: int) -> tuple[Tally, str]:
        """The decisions about a class come from the prediction, not from a threshold on its score."""
        made = one_against_the_rest(overall, place)
        if ranked := overall.tallies.get(self.classes[place]):
            return replace(ranked, decisions=made), "class"
        positives = made.true_positives + made.false_negatives
        weights = Weights(
            rows=overall.rows,
            positive_rows=int(overall.row_counts[place].sum()),
            squares_of_positives=positives * overall.design,
            squares_of_negatives=(overall.n - positives) * overall.design,
        )
        return decided_only(made, weights if overall.is_weighted else None), "decision"
