"""The evidence of one evaluation, arranged for a reader; computes and judges nothing."""

from dataclasses import dataclass

from governance.evaluation.columns import CLASS
from governance.evaluation.models import Curve, Evaluation, Measurement
from governance.metrics import multiplicity, title
from governance.metrics.fairness import Fairness, Group, fairness
from governance.metrics.statistics import Estimate

# What tables of slices show, by task; of a report they show what there is.
SLICED = {
    "binary": ("auc", "selection_rate", "recall", "fpr", "cost"),
    "multiclass": ("accuracy", "balanced_accuracy", "f1_macro", "logloss"),
    "multilabel": ("subset_accuracy", "f1_micro", "f1_macro", "hamming_loss"),
    "regression": ("mae", "rmse", "r2", "bias", "mape"),
    "ranking": ("ndcg", "map", "mrr"),
}
# What is read first: what the business pays, then what decides, then what tells of the data.
FIRST = (
    "cost",
    "cost_total",
    "cost_accept_all",
    "cost_reject_all",
    "auc",
    "selection_rate",
    "recall",
    "fpr",
    "brier_skill",
    "ece",
    "prevalence",
)
OF_CLASSES = ("prevalence", "precision", "recall", "f1", "auc")


@dataclass(frozen=True)
class Evidence:
    """Overall figures, slices by field and metric, and the points of every curve."""

    evaluation: Evaluation
    overall: list[tuple[str, Measurement]]
    by_metric: dict[str, Measurement]
    slices: dict[str, dict[str, list[Measurement]]]
    curves: dict[str, list]
    fairness: list[Fairness]
    compared: str

    @property
    def first(self) -> list[tuple[str, Measurement]]:
        """The figures to read first; all of them where there are few."""
        known = [(title(key), self.by_metric[key]) for key in FIRST if key in self.by_metric]
        return known if self.evaluation.task == Evaluation.Task.BINARY else self.overall

    @property
    def rest(self) -> list[tuple[str, Measurement]]:
        """All other figures over all rows."""
        shown = {row.pk for _, row in self.first}
        return [(name, row) for name, row in self.overall if row.pk not in shown]

    @property
    def slice_tables(self) -> list[dict]:
        """One table a field: a row a value, a column a metric, n first."""
        return [_slice_table(field, found) for field, found in self.slices.items()]

    @property
    def best(self) -> dict | None:
        """The cheapest threshold with its interval, where costs are known."""
        return next(iter(self.curves.get("best", ())), None)


def evidence(evaluation: Evaluation) -> Evidence:
    """Reads everything in two queries."""
    overall: dict[str, Measurement] = {}
    slices: dict[str, dict[str, list[Measurement]]] = {}
    groups: dict[str, dict[str, Group]] = {}
    for row in evaluation.measurements.all():
        row.badge, row.badge_tone = "", "quiet"
        if row.slice_field and evaluation.task == Evaluation.Task.BINARY:
            _add_to_group(groups, row)
        if not row.slice_field:
            overall[row.metric] = row
        elif evaluation.is_reported or row.metric in _sliced(evaluation, row.slice_field):
            slices.setdefault(row.slice_field, {}).setdefault(row.metric, []).append(row)
    curves = {
        row.kind: row.points for row in Curve.objects.filter(evaluation=evaluation, slice="")
    }
    ordered = [(title(key), row) for key, row in overall.items() if key != "n"]
    return Evidence(
        evaluation,
        ordered,
        overall,
        slices,
        curves,
        _fairness(evaluation, groups),
        _badge(overall, slices),
    )


def _add_to_group(groups: dict[str, dict[str, Group]], row: Measurement) -> None:
    group = groups.setdefault(row.slice_field, {}).setdefault(
        row.slice_value, Group(row.slice_value, row.n, row.positives, {})
    )
    group.figures[row.metric] = Estimate(row.value, row.low, row.high, row.method)


def _fairness(evaluation: Evaluation, groups: dict[str, dict[str, Group]]) -> list[Fairness]:
    """How the groups of every single field fare; crossings would repeat them in smaller groups."""
    single = {
        one if isinstance(one, str) else one.get("field") for one in _sliced_by(evaluation)
    }
    found = [
        fairness(field, list(named.values()), evaluation.favourable)
        for field, named in groups.items()
        if field in single
    ]
    return [one for one in found if one.comparisons or one.too_few]


def _sliced_by(evaluation: Evaluation) -> list:
    return evaluation.columns.get("slices", [])


def _badge(
    overall: dict[str, Measurement], slices: dict[str, dict[str, list[Measurement]]]
) -> str:
    """Marks the slices that surely differ from the rest; says how many comparisons that took.

    Holm's correction is over all slices of a metric, whatever their field.
    """
    counts: dict[str, int] = {}
    for key in dict.fromkeys(key for found in slices.values() for key in found):
        if key not in overall:
            continue
        rows = [
            row
            for field, found in slices.items()
            if field != CLASS
            for row in found.get(key, [])
        ]
        tests = multiplicity.against_the_rest(
            [_figure(row) for row in rows], _figure(overall[key])
        )
        counts[key] = sum(test is not None for test in tests)
        for row, test in zip(rows, tests, strict=True):
            row.badge = test.badge(row.direction) if test else ""
            row.badge_tone = TONES.get(row.badge.split(" ")[0], "quiet")
    return _told(counts)


TONES = {"better": "good", "worse": "bad"}


def _figure(row: Measurement) -> multiplicity.Sliced:
    return multiplicity.Sliced(row.value, row.low, row.high, row.n)


def _told(counts: dict[str, int]) -> str:
    """“6 comparisons, Holm-corrected” where all metrics have as many, else metric by metric."""
    made = {key: count for key, count in counts.items() if count}
    if len(set(made.values())) == 1:
        return f"Each metric: {multiplicity.told(next(iter(made.values())))}."
    return "".join(
        f"{title(key)}: {multiplicity.told(count)}. " for key, count in made.items()
    ).strip()


def _sliced(evaluation: Evaluation, field: str) -> tuple[str, ...]:
    several = evaluation.task in (Evaluation.Task.MULTICLASS, Evaluation.Task.MULTILABEL)
    return OF_CLASSES if several and field == CLASS else SLICED[evaluation.task]


def _slice_table(field: str, by_metric: dict[str, list[Measurement]]) -> dict:
    metrics = list(by_metric)
    values: dict[str, dict[str, Measurement]] = {}
    for key in metrics:
        for row in by_metric[key]:
            values.setdefault(row.slice_value, {})[key] = row
    return {
        "field": field,
        "titles": [title(key) for key in metrics],
        "rows": [
            {
                "value": value,
                "n": next(iter(found.values())).n,
                "cells": [found.get(key) for key in metrics],
            }
            for value, found in values.items()
        ],
    }
