"""The evidence of one evaluation, arranged for a reader; computes and judges nothing."""

from dataclasses import dataclass

from governance.evaluation.columns import CLASS
from governance.evaluation.models import Curve, Evaluation, Measurement
from governance.metrics import title

# What tables of slices show, by task; of a report they show what there is.
SLICED = {
    "binary": ("auc", "selection_rate", "recall", "fpr", "cost"),
    "multiclass": ("accuracy", "balanced_accuracy", "f1_macro", "logloss"),
    "multilabel": ("subset_accuracy", "f1_micro", "f1_macro", "hamming_loss"),
    "regression": ("mae", "rmse", "r2", "bias", "mape"),
    "ranking": ("ndcg", "map", "mrr"),
}
OF_CLASSES = ("prevalence", "precision", "recall", "f1", "auc")


@dataclass(frozen=True)
class Evidence:
    """Overall figures, slices by field and metric, and the points of every curve."""

    evaluation: Evaluation
    overall: list[tuple[str, Measurement]]
    by_metric: dict[str, Measurement]
    slices: dict[str, dict[str, list[Measurement]]]
    curves: dict[str, list]

    @property
    def slice_tables(self) -> list[dict]:
        """One table a field: a row a value, a column a metric, n first."""
        return [_slice_table(field, found) for field, found in self.slices.items()]


def evidence(evaluation: Evaluation) -> Evidence:
    """Reads everything in two queries."""
    overall: dict[str, Measurement] = {}
    slices: dict[str, dict[str, list[Measurement]]] = {}
    for row in evaluation.measurements.all():
        if not row.slice_field:
            overall[row.metric] = row
        elif evaluation.is_reported or row.metric in _sliced(evaluation, row.slice_field):
            slices.setdefault(row.slice_field, {}).setdefault(row.metric, []).append(row)
    curves = {
        row.kind: row.points for row in Curve.objects.filter(evaluation=evaluation, slice="")
    }
    ordered = [(title(key), row) for key, row in overall.items() if key != "n"]
    return Evidence(evaluation, ordered, overall, slices, curves)


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
