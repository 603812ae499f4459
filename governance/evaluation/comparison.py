"""Compares two evaluations row by row on identical rows; says how sure the difference is, judges nothing."""

# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608

from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings

from governance.errors import Invalid
from governance.evaluation import bins, engine, sources
from governance.evaluation.columns import Columns
from governance.evaluation.models import Evaluation
from governance.evaluation.rows import Rows, refuse_repeated_key, rows_of
from governance.evaluation.session import Session
from governance.evaluation.table import faults_named, open_table
from governance.metrics import METRICS, statistics
from governance.metrics.binary import OUTCOMES
from governance.metrics.statistics import Estimate

FEW_PAIRS = 1_000_000
COMPARED = ("auc", "cost", "accuracy")


@dataclass(frozen=True)
class PairedDifference:
    """One metric of the first evaluation minus that of the second, on the same rows."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int
    sentence: str

    @property
    def is_told_apart(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and not self.low <= 0 <= self.high


def compare(evaluation: Evaluation, other: Evaluation) -> list[PairedDifference]:
    """Returns the paired differences; where rows cannot be paired, differences without a value say why."""
    metrics = [metric for metric in COMPARED if metric != "cost" or evaluation.costs]
    if why_not := why_not_paired(evaluation, other):
        return [PairedDifference(m, None, None, None, "no pairs", 0, why_not) for m in metrics]
    try:
        estimates = _paired(evaluation, other)
    except Invalid as error:
        return [
            PairedDifference(m, None, None, None, "no pairs", 0, error.sentence)
            for m in metrics
        ]
    return [_told(metric, estimates[metric], evaluation.rows) for metric in metrics]


def why_not_paired(evaluation: Evaluation, other: Evaluation) -> str:
    """Says why the rows of two evaluations cannot be paired; empty when they can."""
    if not (evaluation.is_finished and other.is_finished):
        return "Only finished evaluations can be compared."
    if {evaluation.task, other.task} != {Evaluation.Task.BINARY}:
        return "Rows are paired for yes-or-no predictions only."
    if evaluation.rows_digest != other.rows_digest:
        return "The two evaluations do not have the same rows."
    return ""


def _told(metric: str, estimate: Estimate, n: int) -> PairedDifference:
    return PairedDifference(
        metric,
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.method,
        n,
        sentence_of(metric, estimate, n),
    )


def sentence_of(metric: str, estimate: Estimate, n: int) -> str:
    """Says the difference, its interval, and whether the two can be told apart."""
    title, value = METRICS[metric].title, estimate.value
    way = "higher" if value > 0 else "lower"
    start = f"{title} is {abs(value):.3g} {way}" if value else f"{title} is the same"
    if not estimate.has_interval:
        return f"{start} on the same {n:,} rows ({estimate.method})."
    known = f"{start} on the same {n:,} rows ({estimate.low:+.3g} to {estimate.high:+.3g}, "
    known += f"{estimate.method})"
    if estimate.low <= 0 <= estimate.high:
        return f"{known}: the two cannot be told apart at this size."
    return f"{known}."


def _paired(evaluation: Evaluation, other: Evaluation) -> dict[str, Estimate]:
    with ExitStack() as stack:
        scratch = stack.enter_context(sources.scratch_folder())
        files = [
            stack.enter_context(_local(one, scratch / name))[0]
            for one, name in ((evaluation, "first"), (other, "second"))
        ]
        memory = engine.duckdb_share(settings.EVALUATION_MEMORY)
        session = Session(files, scratch=scratch, memory=memory)
        stack.callback(session.close)
        first, second = (
            _rows(session, one, file)
            for one, file in zip((evaluation, other), files, strict=True)
        )
        _join(session, first, second, evaluation, other)
        return _estimates(session, evaluation)


def _local(evaluation: Evaluation, folder: Path) -> AbstractContextManager[tuple[Path, str]]:
    folder.mkdir()
    return sources.local_file(
        evaluation.source_kind,
        evaluation.source,
        evaluation.artifact,
        known_digest=evaluation.data_digest,
        scratch=folder,
        progress=lambda done, total, text: None,
    )


def _rows(session: Session, evaluation: Evaluation, file: Path) -> Rows:
    table = open_table(session, file)
    with faults_named(table.title):
        return rows_of(session, table, Columns.from_mapping(evaluation.columns), file.parent)


def _join(
    session: Session, first: Rows, second: Rows, evaluation: Evaluation, other: Evaluation
) -> None:
    """Pairs rows by their key, or by position where they have none, and keeps both scores."""
    by = "row_key" if first.columns.row_key else "position"
    if by == "row_key":
        refuse_repeated_key(first)
    session.run(
        "CREATE TEMP TABLE pairs AS SELECT label = 1 AS label, "
        "a.score AS first, b.score AS second, "
        f"a.score >= {evaluation.threshold!r} AS first_decision, "
        f"b.score >= {other.threshold!r} AS second_decision "
        f"FROM {first.relation} AS a "
        f"JOIN (SELECT {by}, label, score FROM {second.relation}) AS b USING ({by}, label)",
        [*first.parameters, *second.parameters],
    )
    paired = session.row("SELECT count(*) AS n FROM pairs")["n"]
    if paired != evaluation.rows:
        raise Invalid(
            f"The rows cannot be paired: {evaluation.rows:,} rows make {paired:,} pairs."
        )


def _estimates(session: Session, evaluation: Evaluation) -> dict[str, Estimate]:
    few = evaluation.rows <= FEW_PAIRS
    outcomes = session.rows(
        "SELECT label, first_decision, second_decision, count(*) FROM pairs GROUP BY ALL"
    )
    estimates = {
        "auc": _auc_of_each_row(session) if few else _auc_in_bins(session),
        "accuracy": _mean_difference(outcomes, _accuracies()),
    }
    if evaluation.costs:
        estimates["cost"] = _mean_difference(outcomes, _costs(evaluation.costs))
    return estimates


def _mean_difference(
    outcomes: list[tuple[bool, bool, bool, int]], worth: dict[tuple[bool, bool], float]
) -> Estimate:
    """The mean of what each row's two decisions are worth, first minus second."""
    each = np.array([worth[label, a] - worth[label, b] for label, a, b, _ in outcomes])
    counts = np.array([n for *_, n in outcomes])
    estimate = statistics.mean(float(each @ counts), float(each**2 @ counts), int(counts.sum()))
    return Estimate(estimate.value, estimate.low, estimate.high, "paired mean difference")


def _accuracies() -> dict[tuple[bool, bool], float]:
    return {
        (label, decision): float(label == decision)
        for label in (True, False)
        for decision in (True, False)
    }


def _costs(costs: dict[str, float]) -> dict[tuple[bool, bool], float]:
    keys = ((True, True), (False, True), (False, False), (True, False))
    return {key: float(costs[name]) for key, name in zip(keys, OUTCOMES, strict=True)}


def _auc_of_each_row(session: Session) -> Estimate:
    rows = session.arrays("SELECT label, first, second FROM pairs")
    return statistics.delong_paired(rows["label"], rows["first"], rows["second"])


def _auc_in_bins(session: Session) -> Estimate:
    """The same from the fine grid of each score, so that no row has to come here."""
    for side in ("first", "second"):
        _place(session, side)
    moments = session.rows(
        "SELECT label, count(*), sum(d), sum(d * d) FROM (SELECT label, "
        "CASE WHEN label THEN a.below - b.below ELSE a.above - b.above END AS d FROM pairs "
        f"JOIN places_first AS a ON a.code = {bins.fine_code('first')} "
        f"JOIN places_second AS b ON b.code = {bins.fine_code('second')}) "
        "GROUP BY label ORDER BY label DESC"
    )
    means = [total / n for _, n, total, _ in moments]
    variances = [
        (squares - n * mean * mean) / (n - 1) / n
        for (_, n, _, squares), mean in zip(moments, means, strict=True)
    ]
    found = statistics.paired_from_moments(means[0], *variances)
    return Estimate(found.value, found.low, found.high, f"{found.method}, in bins")


def _place(session: Session, side: str) -> None:
    """Keeps where each grid position of one score stands among all rows."""
    grid = session.arrays(
        f"SELECT {bins.fine_code(side)} AS code, count(*) FILTER (label) AS positives, "
        "count(*) FILTER (NOT label) AS negatives FROM pairs GROUP BY code ORDER BY code"
    )
    placed = statistics.placements(grid["positives"], grid["negatives"])
    session.run(
        f"CREATE TEMP TABLE places_{side} AS SELECT unnest(?::INTEGER[]) AS code, "
        "unnest(?::DOUBLE[]) AS below, unnest(?::DOUBLE[]) AS above",
        [grid["code"].tolist(), placed.below.tolist(), placed.above.tolist()],
    )
