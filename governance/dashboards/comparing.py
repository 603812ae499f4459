"""A stored comparison arranged for a reader: the business first, then metrics, then slices."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.evaluation.comparison import NO_WINNER, TITLES
from governance.evaluation.models import Comparison, Evaluation
from governance.metrics import METRICS, title
from registry.models import RegisteredModel

MOST_EVALUATIONS = 100
KPIS = ("cost", "cost_total")
SLICED = ("cost", "auc", "accuracy", "selection_rate")


@dataclass(frozen=True)
class Row:
    """One stored difference, with its words; shaped like a measurement."""

    metric: str
    slice_field: str
    slice_value: str
    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int
    told_apart: bool
    sentence: str
    unit: str = ""

    @property
    def title(self) -> str:
        return TITLES.get(self.metric) or title(self.metric)

    @property
    def verdict(self) -> str:
        """Which of the two is better, if that is sure; metrics without direction have no winner."""
        direction = METRICS[self.metric].direction if self.metric in METRICS else ""
        if self.value is None:
            return "not comparable"
        if self.low is None:
            return "not known how sure"
        if not self.told_apart:
            return NO_WINNER if direction else "no sure difference"
        if not direction:
            return "higher" if self.value > 0 else "lower"
        return (
            "first is better"
            if (self.value > 0) == (direction == "higher")
            else ("second is better")
        )

    @property
    def tone(self) -> str:
        return {"first is better": "good", "second is better": "bad"}.get(self.verdict, "quiet")


@dataclass(frozen=True)
class Compared:
    """The differences by what a reader asks: KPIs, other metrics, groups of people."""

    comparison: Comparison
    rows: list[Row]

    @property
    def kpis(self) -> list[Row]:
        return [one for one in self._overall if one.metric in KPIS]

    @property
    def metrics(self) -> list[Row]:
        return [one for one in self._overall if one.metric not in KPIS]

    @property
    def sentence(self) -> str:
        """The answer: what the cost says, or the ROC AUC where there are no costs."""
        leading = next(iter(self.kpis), None) or next(iter(self.metrics), None)
        return leading.sentence if leading else ""

    @property
    def slices(self) -> list[tuple[str, list[Row]]]:
        """Every group by field, on the metrics people ask about first; crossings included."""
        fields = dict.fromkeys(one.slice_field for one in self.rows if one.slice_field)
        wanted = {*SLICED, *TITLES}
        return [
            (
                field,
                [one for one in self.rows if one.slice_field == field and one.metric in wanted],
            )
            for field in fields
        ]

    @property
    def _overall(self) -> list[Row]:
        return [one for one in self.rows if not one.slice_field]


def compared(comparison: Comparison) -> Compared:
    unit = comparison.evaluation.costs.get("unit", "")
    rows = [
        Row(**one, unit=unit if one["metric"] in KPIS else "") for one in comparison.differences
    ]
    return Compared(comparison, rows)


def comparable(model: RegisteredModel) -> Sequence[Evaluation]:
    """The finished evaluations of a model's versions whose rows can be paired, newest first."""
    return (
        Evaluation.objects.finished()
        .filter(version__model=model, version__deleted_at=None)
        .exclude(task=Evaluation.Task.REPORTED)
        .exclude(source_kind=Evaluation.Source.TABLE)
        .select_related("version__model")
        .defer("columns")[:MOST_EVALUATIONS]
    )
