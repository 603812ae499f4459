"""Charts are pure functions: lines without colours, and a table of the same numbers."""

import json
from datetime import date
from types import SimpleNamespace

import pytest

from governance.dashboards import figures

CURVE = [
    {"threshold": None, "fpr": 0.0, "tpr": 0.0, "recall": 0.0, "precision": 1.0},
    {"threshold": 0.6, "fpr": 0.1, "tpr": 0.7, "recall": 0.7, "precision": 0.8},
    {"threshold": 0.0, "fpr": 1.0, "tpr": 1.0, "recall": 1.0, "precision": 0.3},
]
COSTS = [
    {
        "threshold": at,
        "cost": cost,
        "low": cost - 0.1,
        "high": cost + 0.1,
        "predicted_positive": 1,
    }
    for at, cost in ((0.0, 0.7), (0.2, 0.55), (1.0, 1.5))
]
BINS = [
    {"from": 0.0, "to": 0.1, "n": 40, "positives": 2, "score": 0.06, "rate": 0.05, "low": 0.01, "high": 0.16}
]  # fmt: skip
BARS = [{"from": i / 50, "to": (i + 1) / 50, "positives": 1, "negatives": 3} for i in range(50)]
KPI = SimpleNamespace(title="Loss per loan", unit="DM", target=0.6, baseline=0.7)


def group(value, *, field="sex", label="female", low=None, high=None, n=95):
    return SimpleNamespace(
        slice_field=field,
        slice_value=label,
        value=value,
        low=low,
        high=high,
        n=n,
        method="hidden",
    )


def observed(month, value):
    return SimpleNamespace(
        period_start=date(2026, month, 1),
        period_end=date(2026, month, 28),
        value=value,
        rows=400,
    )


def point(month, version="credit-scoring v1"):
    return SimpleNamespace(
        on=date(2026, month, 12), version=version, value=0.8, low=0.75, high=0.85, n=300
    )


def notes(chart) -> list[str]:
    return [note["text"] for note in chart.figure["layout"]["annotations"]]


@pytest.mark.parametrize(
    "chart",
    [
        figures.roc(CURVE, auc=0.8, baseline=CURVE, threshold=0.6),
        figures.precision_recall(CURVE, prevalence=0.3),
        figures.calibration(BINS, ece=0.01),
        figures.scores(BARS, threshold=0.2),
        figures.cost_over_threshold(COSTS, threshold=0.2, accept_all=1.5, reject_all=0.7),
        figures.slices(
            [group(0.7, low=0.6, high=0.8)], metric="ROC AUC", overall=0.8, limit=0.65
        ),
        figures.kpi_and_metric([observed(1, 0.7)], [point(1)], kpi=KPI, metric="ROC AUC"),
        figures.funnel([("Registered", 4), ("Serving", 1)]),
    ],
    ids=lambda chart: chart.title,
)
def test_every_chart_is_plain_values_with_a_table_and_no_colour_or_markup(chart):
    plain = json.dumps(chart.figure)

    assert chart.rows
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert "color" not in plain
    assert "<b>" not in plain


def test_the_cost_chart_says_what_treating_everybody_alike_would_cost():
    chart = figures.cost_over_threshold(COSTS, threshold=0.2, accept_all=1.5, reject_all=0.7)

    assert "accept everyone 1.500" in notes(chart)
    assert "reject everyone 0.700" in notes(chart)
    assert chart.sentence == (
        "At 0.2 a case costs 0.550, accepting everyone 1.500, rejecting everyone 0.700."
    )


def test_a_group_beyond_the_limit_stands_out():
    chart = figures.slices(
        [group(0.61, low=0.5, high=0.7), group(0.8, label="male")], metric="ROC AUC", limit=0.65
    )

    tones = {trace["meta"]["tone"]: trace["x"] for trace in chart.figure["data"]}
    assert tones == {"accent": [0.8], "bad": [0.61]}


def test_a_hidden_group_is_named_and_not_drawn():
    chart = figures.slices([group(None, n=9)], metric="ROC AUC")

    assert chart.figure["layout"]["yaxis"]["ticktext"] == ["sex:", "female, n 9, not shown"]
    assert chart.rows[0][1] == "none: hidden"


def test_kpi_and_metric_share_one_time_axis_with_the_versions_marked():
    chart = figures.kpi_and_metric(
        [observed(1, 0.7)], [point(1), point(4, "credit-scoring v2")], kpi=KPI, metric="ROC AUC"
    )

    assert {"v1", "v2", "target 0.6", "without a model 0.7"} <= set(notes(chart))
    assert [trace.get("xaxis") for trace in chart.figure["data"]] == [None, None]


def test_a_kpi_nobody_observed_says_so():
    assert "nothing yet" in notes(
        figures.kpi_and_metric([], [point(1)], kpi=KPI, metric="ROC AUC")
    )


def test_few_rows_get_wide_bars():
    assert len(figures.scores(BARS).rows) == 10


def test_a_long_table_is_thinned_and_says_so():
    chart = figures.roc([dict(CURVE[1], threshold=i / 200) for i in range(200)])

    assert len(chart.rows) <= 61
    assert chart.note == "One of every 4 of 200 points."
