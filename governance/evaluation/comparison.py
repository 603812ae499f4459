"""Compares two evaluations on identical rows, metric by metric and slice by slice; judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from governance.errors import Invalid
from governance.evaluation.engine import Progress
from governance.evaluation.models import Evaluation
from governance.evaluation.paired_tasks import differing
from governance.evaluation.pairing import Group, Pairing, opened_rows, paired_rows
from governance.evaluation.slices import Field
from governance.metrics import METRICS, fairness, paired, title
from governance.metrics.catalogue import BY_TASK
from governance.metrics.metric import HIDDEN_UNDER
from governance.metrics.numbers import decimals_between, rounded, signed
from governance.metrics.statistics import Estimate

# Beyond so many rows scores are ranked in bins and none of them leaves the database.
FEW_PAIRS = 1_000_000
# What two versions share whatever they decide.
SHARED = {"n", "prevalence", "cost_accept_all", "cost_reject_all"}
FIRST = ("auc", "cost", "accuracy")
RATIO = "selection_rate_ratio"
NO_WINNER = "no winner at this size"
NO_PAIRS = "no pairs"
COUNTS = {"n", "queries"}
UNPAIRED = "no paired interval"
UNSURE = {"ece": "no interval: drawing rows again widens every gap"}
TITLES = {RATIO: "Selection rate ratio"}


@dataclass(frozen=True)
class PairedDifference:
    """One metric of the first evaluation minus that of the second, on the same rows.

    Both names of the slice are empty for all rows.
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int
    sentence: str
    slice_field: str = ""
    slice_value: str = ""

    @property
    def is_told_apart(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and not self.low <= 0 <= self.high


def compare(
    evaluation: Evaluation,
    other: Evaluation,
    *,
    slices: bool = True,
    progress: Progress = lambda done, total, text: None,
) -> list[PairedDifference]:
    """Returns the paired differences, all rows first; reads both files, so it is a worker's work.

    Where rows cannot be paired, differences without a value say why. Decisions are those of each
    evaluation's own threshold; costs, weights and slices are those of the first.
    """
    try:
        return paired_differences(evaluation, other, slices=slices, progress=progress)
    except Invalid as error:
        metrics = _first_of(evaluation)
        return [
            PairedDifference(m, None, None, None, NO_PAIRS, 0, error.sentence) for m in metrics
        ]


def _first_of(evaluation: Evaluation) -> list[str]:
    """What people ask about first, of the metrics that were measured."""
    if evaluation.task == Evaluation.Task.BINARY:
        return [metric for metric in FIRST if metric != "cost" or evaluation.costs]
    known = BY_TASK.get(evaluation.task, ())
    return [metric.key for metric in known if metric.key not in COUNTS][:2]


def paired_differences(
    evaluation: Evaluation, other: Evaluation, *, slices: bool, progress: Progress
) -> list[PairedDifference]:
    """The same; where rows cannot be paired, it refuses with the sentence that says why."""
    if why_not := why_not_paired(evaluation, other):
        raise Invalid(why_not)
    if evaluation.task != Evaluation.Task.BINARY:
        return list(_of_other_task(evaluation, other, slices, progress))
    with paired_rows(evaluation, other, progress) as pairing:
        made = _Comparison(pairing, evaluation, other, progress)
        return list(made.differences(slices))


def _of_other_task(
    evaluation: Evaluation, other: Evaluation, slices: bool, progress: Progress
) -> Iterator[PairedDifference]:
    stored = _stored_differences(evaluation, other)
    metrics = [metric.key for metric in BY_TASK[evaluation.task] if metric.key not in COUNTS]
    with opened_rows(evaluation, other, progress) as opened:
        progress(2, 3, "Comparing")
        for group in differing(opened, evaluation.task, slices=slices):
            for metric in metrics:
                value = stored.get((metric, group.field, group.value))
                estimate = group.found.get(metric) or Estimate(
                    value, method="not measured for both" if value is None else UNPAIRED
                )
                if group.rows < HIDDEN_UNDER:
                    estimate = Estimate(None, method="hidden")
                yield _told(metric, estimate, group.rows, group.field, group.value)


def why_not_paired(evaluation: Evaluation, other: Evaluation) -> str:
    """Says what rules a comparison out before any row is read; empty when nothing does."""
    if not (evaluation.is_finished and other.is_finished):
        return "Only finished evaluations can be compared."
    if evaluation.pk == other.pk:
        return "Choose two different evaluations."
    if Evaluation.Task.REPORTED in {evaluation.task, other.task}:
        return "Figures that a pipeline reported have no rows to pair."
    if evaluation.task != other.task:
        return "The two evaluations are of different tasks."
    if Evaluation.Source.TABLE in {evaluation.source_kind, other.source_kind}:
        return "Rows that stay in a warehouse are not paired; hand both in as files."
    return ""


def sentence_of(metric: str, estimate: Estimate, n: int, group: str = "") -> str:
    """Says the difference, its interval, and whether there is a winner; `group` names a slice."""
    named, value = TITLES.get(metric) or title(metric), estimate.value
    named += f" for {group}" if group else ""
    if value is None:
        return f"{named} cannot be compared: {estimate.method}."
    decimals = decimals_between(estimate.low, estimate.high)
    size = rounded(abs(value), decimals)
    way = "higher" if value > 0 else "lower"
    start = f"{named} is {size} {way}" if value else f"{named} is the same"
    if not estimate.has_interval:
        return f"{start} on the same {n:,} rows ({estimate.method})."
    known = f"{start} on the same {n:,} rows ({signed(estimate.low, decimals)} to "
    known += f"{signed(estimate.high, decimals)}, {estimate.method})"
    if not estimate.low <= 0 <= estimate.high:
        return f"{known}."
    has_winner = metric in METRICS and METRICS[metric].direction
    return f"{known}: {NO_WINNER if has_winner else 'no sure difference at this size'}."


class _Comparison:
    """One comparison under way: walks over all rows and over every field, one after the other."""

    def __init__(
        self,
        pairing: Pairing,
        evaluation: Evaluation,
        other: Evaluation,
        progress: Progress,
    ) -> None:
        self.pairing, self.evaluation, self.progress = pairing, evaluation, progress
        self.stored = _stored_differences(evaluation, other)

    def differences(self, slices: bool) -> Iterator[PairedDifference]:
        wanted = range(len(self.pairing.slicings)) if slices else ()
        for done, index in enumerate((None, *wanted)):
            about = "all rows" if index is None else self.pairing.slicings[index].title
            self.progress(done, 1 + len(wanted), f"Comparing {about}")
            groups = self.pairing.groups(index)
            rankings = self._rankings(index, groups)
            for group in groups:
                yield from self._of_group(group, rankings.get(group.code, {}))
            if index is not None and isinstance(self.pairing.slicings[index], Field):
                yield from self._ratio(groups)

    def _of_group(
        self, group: Group, ranking: dict[str, Estimate]
    ) -> Iterator[PairedDifference]:
        found = paired.differences(group.pairs, self.evaluation.favourable) | ranking
        for metric in self._metrics():
            if group.pairs.rows < HIDDEN_UNDER:
                estimate = Estimate(None, method="hidden")
            else:
                estimate = found.get(metric) or self._from_stored(metric, group)
            yield _told(metric, estimate, group.pairs.rows, group.field, group.value)

    def _metrics(self) -> list[str]:
        """What people ask about first, then every other metric in its usual order."""
        keys = [
            metric.key
            for metric in BY_TASK["binary"]
            if metric.key not in SHARED and (not metric.is_cost or self.pairing.has_costs)
        ]
        return [
            *(key for key in FIRST if key in keys),
            *(key for key in keys if key not in FIRST),
        ]

    def _rankings(
        self, index: int | None, groups: list[Group]
    ) -> dict[int, dict[str, Estimate]]:
        """What needs an order of rows, by group; with weights nothing of it has an interval."""
        if self.pairing.is_weighted:
            return {}
        if self.evaluation.rows > FEW_PAIRS:
            areas = self.pairing.areas(index)
            return {code: paired.of_area(area) for code, area in areas.items()}
        rows = self.pairing.scores(index)
        found = {}
        for group in groups:
            own = rows["code"] == group.code
            if group.pairs.rows >= HIDDEN_UNDER:
                found[group.code] = paired.ranked(
                    *(rows[part][own] for part in ("label", "first", "second"))
                )
        return found

    def _from_stored(self, metric: str, group: Group) -> Estimate:
        """Two stored figures subtracted: exact, but nothing is known of how sure the difference is."""
        value = self.stored.get((metric, group.field, group.value))
        if value is None:
            return Estimate(None, method="not measured for both")
        if self.pairing.is_weighted:
            return Estimate(value, method="no interval: rows have weights")
        if metric in paired.ROWWISE:
            return Estimate(value, method=paired.TOO_MANY)
        return Estimate(value, method=UNSURE.get(metric, UNPAIRED))

    def _ratio(self, groups: list[Group]) -> Iterator[PairedDifference]:
        """The four-fifths ratio between the groups that stand lowest and highest in the first."""
        large = [group for group in groups if group.pairs.rows >= fairness.FEWEST]
        if len(large) < 2:
            return
        favourable = self.evaluation.favourable
        ordered = sorted(
            large, key=lambda group: paired.selection_rate(group.pairs, favourable)
        )
        ends = ordered[0], ordered[-1]
        estimate = paired.ratio_difference(*(group.pairs for group in ends), favourable)
        between = f"{ends[0].value} against {ends[1].value}"
        rows = sum(group.pairs.rows for group in ends)
        yield _told(RATIO, estimate, rows, ends[0].field, between)


def _told(
    metric: str, estimate: Estimate, n: int, slice_field: str = "", slice_value: str = ""
) -> PairedDifference:
    return PairedDifference(
        metric,
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.method,
        n,
        sentence_of(metric, estimate, n, f"{slice_field} {slice_value}".strip()),
        slice_field,
        slice_value,
    )


def _stored_differences(
    evaluation: Evaluation, other: Evaluation
) -> dict[tuple[str, str, str], float]:
    first, second = (
        {
            (row.metric, row.slice_field, row.slice_value): row.value
            for row in one.measurements.exclude(value=None)
        }
        for one in (evaluation, other)
    )
    return {key: value - second[key] for key, value in first.items() if key in second}
