"""Tallies predictions of any number of labels a row: sums over rows, and each label by itself."""

from typing import TYPE_CHECKING

from governance.evaluation.columns import CLASS
from governance.evaluation.curves import Points
from governance.evaluation.kinds.binary import Binary
from governance.evaluation.kinds.sums import grouped, named_groups
from governance.metrics.multilabel import Labels
from governance.metrics.tally import Decisions, Tally

if TYPE_CHECKING:
    from governance.evaluation.engine import Run

PAIRS = ("hh", "tt", "pp", "mm", "uu", "ht", "hp", "hu")


class MultiLabel:
    def __init__(self, run: "Run") -> None:
        self.run, self.names = run, list(run.columns.labels)
        # Scores stand in the order of the labels, whatever order they were named in.
        order = list(run.columns.scores)
        self.score = {name: f"score{order.index(name)}" for name in self.names}

    def tallied(self) -> tuple[Labels, list]:
        run = self.run
        run.step("Counting labels and predictions")
        groups = grouped(run, self._sums())
        rankings = self._rankings()
        overall = self._labels(groups[None, 0][0], rankings)
        slices = [
            (field, value, self._labels(rows[0]), "multilabel")
            for field, value, rows in named_groups(run, groups)
        ]
        of_labels = [(CLASS, name, tally, "class") for name, tally in rankings.items()]
        return overall, of_labels + slices

    def curves(self, overall: Labels) -> dict[str, Points]:
        return {}

    def _rankings(self) -> dict[str, Tally]:
        return {
            name: Binary(
                self.run,
                score=self.score[name],
                label=f"label{i}",
                slicings=(),
                name=f" of {name}",
            ).tallied()[0]
            for i, name in enumerate(self.names)
        }

    def _sums(self) -> dict[str, str]:
        weight = "weight" if self.run.columns.weight else "1.0::DOUBLE"
        truths = [f"(label{i} = 1)::INTEGER" for i in range(len(self.names))]
        threshold = f"{self.run.terms.threshold!r}"
        made = [f"({self.score[name]} >= {threshold})::INTEGER" for name in self.names]
        pairs = list(zip(truths, made, strict=True))
        count = {
            "h": "(" + " + ".join(f"{t} * {p}" for t, p in pairs) + ")",
            "t": "(" + " + ".join(truths) + ")",
            "p": "(" + " + ".join(made) + ")",
            "m": "(" + " + ".join(f"({t} <> {p})::INTEGER" for t, p in pairs) + ")",
        }
        count["u"] = f"({count['h']} + {count['m']})"
        sums = {
            "n": f"sum({weight})",
            "rows": "count(*)",
            "squares": f"sum({weight} * {weight})",
            "all_right": f"sum(({count['m']} = 0)::INTEGER * {weight})",
        }
        sums |= {f"of_{k}": f"sum({sql} * {weight})" for k, sql in count.items()}
        sums |= {f"of_{a}{b}": f"sum({count[a]} * {count[b]} * {weight})" for a, b in PAIRS}
        for i, (truth, predicted) in enumerate(pairs):
            sums |= {
                f"hits{i}": f"sum({truth} * {predicted} * {weight})",
                f"true{i}": f"sum({truth} * {weight})",
                f"made{i}": f"sum({predicted} * {weight})",
            }
        return sums

    def _labels(self, row: dict, rankings: dict[str, Tally] | None = None) -> Labels:
        return Labels(
            decisions={name: _decisions(row, i) for i, name in enumerate(self.names)},
            rankings=rankings or {},
            rows=row["rows"],
            n=row["n"],
            squared_weights=row["squares"],
            all_right=row["all_right"],
            sums={key.removeprefix("of_"): row[key] for key in row if key.startswith("of_")},
            is_weighted=bool(self.run.columns.weight),
        )


def _decisions(row: dict, place: int) -> Decisions:
    hits, true, made = (row[f"{name}{place}"] for name in ("hits", "true", "made"))
    return Decisions(hits, made - hits, row["n"] - true - made + hits, true - hits)
