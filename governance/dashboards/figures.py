"""Charts as pure functions of rows, each with the table of the same numbers; queries nothing.

How a line or a mark is drawn, and why there are no colours here, is drawing.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import plotly.graph_objects as go
from django.utils import timezone

from governance.dashboards import drawing
from governance.dashboards.drawing import Points
from governance.metrics.numbers import MINUS

ROW_HEIGHT = 30
ROWS_A_BAR = 20
SHORTEST_AXIS = timedelta(days=60)


@dataclass(frozen=True)
class Chart:
    """What the tag `chart` draws."""

    title: str
    figure: dict
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    sentence: str = ""
    note: str = ""
    size: str = "normal"  # small | normal | tall | own: the figure names its height


class Measured(Protocol):
    """A measurement of one slice."""

    slice_field: str
    slice_value: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str


class Difference(Protocol):
    """A paired difference with its words."""

    title: str
    slice_field: str
    slice_value: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    tone: str
    verdict: str


class Observed(Protocol):
    """A value of a KPI over a period."""

    period_start: date
    period_end: date
    value: float
    rows: int | None


class Held(Protocol):
    """One version under one pointer, from when to when."""

    pointer_kind: str
    pointer: str
    version: Any
    since: datetime
    until: datetime | None
    actor_name: str
    reasons: list[str]


class Kpi(Protocol):
    title: str
    unit: str
    target: float
    baseline: float | None


class MetricPoint(Protocol):
    """A measurement of one version at a day."""

    on: date
    version: str
    value: float
    low: float | None
    high: float | None
    n: int


def roc(
    points: Points,
    *,
    label: str = "this version",
    auc: float | None = None,
    baseline: Points = (),
    baseline_label: str = "baseline",
    threshold: float | None = None,
) -> Chart:
    """True positive rate over false positive rate, with guessing as the diagonal."""
    figure = drawing.blank("False positive rate", "True positive rate", x=[0, 1], y=[0, 1])
    drawing.line(figure, [0, 1], [0, 1], "muted", dash="dot")
    if baseline:
        drawing.curve(figure, baseline, "fpr", "tpr", "second", baseline_label)
    drawing.curve(figure, points, "fpr", "tpr", "accent", label)
    drawing.mark(figure, drawing.at(points, threshold), "fpr", "tpr")
    named = f"{label}, AUC {auc:.3f}" if auc is not None else label
    other = [("second", baseline_label)] if baseline else []
    drawing.key(figure, [("accent", named), *other, ("muted", "guessing")], low=True)
    rows, note = drawing.thinned(points, ["threshold", "fpr", "tpr"])
    columns = ["Threshold", "False positive rate", "True positive rate"]
    return Chart("ROC curve", drawing.done(figure), columns, rows, note=note)


def precision_recall(
    points: Points,
    *,
    prevalence: float | None = None,
    label: str = "this version",
    baseline: Points = (),
    baseline_label: str = "baseline",
    threshold: float | None = None,
) -> Chart:
    """Precision over recall, with the prevalence as the line of guessing."""
    figure = drawing.blank("Recall", "Precision", x=[0, 1], y=[0, 1])
    if baseline:
        drawing.curve(figure, baseline, "recall", "precision", "second", baseline_label)
    drawing.curve(figure, points, "recall", "precision", "accent", label)
    drawing.mark(figure, drawing.at(points, threshold), "recall", "precision")
    other = [("second", baseline_label)] if baseline else []
    drawing.key(figure, [("accent", label), *other])
    if prevalence is not None:
        drawing.level(
            figure, prevalence, f"guessing: prevalence {prevalence:.3f}", "muted", below=True
        )
    rows, note = drawing.thinned(points, ["threshold", "recall", "precision"])
    columns = ["Threshold", "Recall", "Precision"]
    return Chart("Precision over recall", drawing.done(figure), columns, rows, note=note)


def calibration(points: Points, *, ece: float | None = None) -> Chart:
    """Observed share over mean score, bin by bin, with intervals; the diagonal is perfect."""
    figure = drawing.blank("Mean score", "Observed share of positives", x=[0, 1], y=[0, 1])
    drawing.line(figure, [0, 1], [0, 1], "muted", dash="dot")
    figure.add_scatter(
        x=[point["score"] for point in points],
        y=[point["rate"] for point in points],
        error_y=drawing.error(
            [point["rate"] for point in points],
            [point["low"] for point in points],
            [point["high"] for point in points],
        ),
        mode="lines+markers",
        line_width=1,
        marker_size=8,
        meta={"tone": "accent"},
        customdata=[[point["n"]] for point in points],
        hovertemplate="score %{x:.3f}, observed %{y:.3f}, n %{customdata[0]}<extra></extra>",
    )
    drawing.key(figure, [("accent", "observed, with interval"), ("muted", "perfect")], low=True)
    columns = ["Scores", "Mean score", "Observed share", "Low", "High", "n"]
    rows = [
        (f"{p['from']:g} to {p['to']:g}", p["score"], p["rate"], p["low"], p["high"], p["n"])
        for p in points
    ]
    sentence = "" if ece is None else f"Mean gap between score and frequency: {ece:.3f}."
    return Chart("Calibration", drawing.done(figure), columns, rows, sentence)


def scores(
    points: Points,
    *,
    threshold: float | None = None,
    positive: str = "positives",
    negative: str = "negatives",
) -> Chart:
    """How the scores of both classes spread, as shares of each class."""
    points = _merged(points)
    figure = drawing.blank("Score", "Share of the class", x=[0, 1], percent=True)
    for key, tone in (("negatives", "accent"), ("positives", "second")):
        total = sum(point[key] for point in points) or 1
        figure.add_scatter(
            x=[point["from"] for point in points] + [points[-1]["to"]],
            y=[point[key] / total for point in points] + [points[-1][key] / total],
            mode="lines",
            line={"width": 2, "shape": "hv"},
            fill="tozeroy",
            meta={"tone": tone, "fill": True},
            hovertemplate="from %{x:.2f}: %{y:.1%}<extra></extra>",
        )
    highest = max(max(trace.y) for trace in figure.data)
    figure.update_yaxes(range=[0, highest * 1.15])
    drawing.key(figure, [("accent", negative), ("second", positive)])
    if threshold is not None:
        drawing.upright(figure, threshold, f"threshold {threshold:.3g}", "ink", at=0)
    columns = ["Scores", positive.capitalize(), negative.capitalize()]
    rows = [(f"{p['from']:g} to {p['to']:g}", p["positives"], p["negatives"]) for p in points]
    return Chart("Scores", drawing.done(figure), columns, rows)


def confusion(points: Points) -> Chart:
    """How often each class was taken for each class: a disc's area is the share of its label."""
    names = sorted({name for point in points for name in (point["label"], point["prediction"])})
    totals: dict[str, int] = {}
    for point in points:
        totals[point["label"]] = totals.get(point["label"], 0) + point["n"]
    figure = drawing.blank("Predicted", "Label")
    largest = max(10, 300 / len(names))
    for right in (True, False):
        own = [p for p in points if (p["label"] == p["prediction"]) == right]
        figure.add_scatter(
            x=[p["prediction"] for p in own],
            y=[p["label"] for p in own],
            mode="markers",
            marker={"size": [largest * (p["n"] / totals[p["label"]]) ** 0.5 for p in own]},
            customdata=[[p["n"], p["n"] / totals[p["label"]]] for p in own],
            meta={"tone": "accent" if right else "bad"},
            hovertemplate="%{y} as %{x}: %{customdata[0]:,} rows, %{customdata[1]:.1%}<extra></extra>",
        )
    each = {"type": "category", "categoryorder": "array", "categoryarray": names}
    figure.update_xaxes(**each, range=[-0.6, len(names) - 0.4], showgrid=False)
    figure.update_yaxes(**each, range=[len(names) - 0.4, -0.6], automargin=True)
    rows = [(p["label"], p["prediction"], p["n"], p["n"] / totals[p["label"]]) for p in points]
    columns = ["Label", "Predicted", "Rows", "Share of the label"]
    wrong = sum(p["n"] for p in points if p["label"] != p["prediction"])
    sentence = f"{wrong:,} of {sum(totals.values()):,} rows were taken for another class."
    return Chart("Labels and predictions", drawing.done(figure), columns, rows, sentence)


def predicted(points: Points) -> Chart:
    """Mean label over mean prediction, in bands of equal size; the diagonal is perfect."""
    figure = drawing.blank("Mean prediction", "Mean label")
    ends = [
        end([p[key] for p in points for key in ("prediction", "label")]) for end in (min, max)
    ]
    drawing.line(figure, ends, ends, "muted", dash="dot")
    labels = [p["label"] for p in points]
    figure.add_scatter(
        x=[p["prediction"] for p in points],
        y=labels,
        error_y=drawing.error(labels, [p["low"] for p in points], [p["high"] for p in points]),
        mode="lines+markers",
        line_width=1,
        marker_size=8,
        meta={"tone": "accent"},
        customdata=[[p["n"]] for p in points],
        hovertemplate="predicted %{x:.4g}, true %{y:.4g}, n %{customdata[0]}<extra></extra>",
    )
    drawing.key(figure, [("accent", "observed, with interval"), ("muted", "perfect")], low=True)
    rows = [(p["prediction"], p["label"], p["low"], p["high"], p["n"]) for p in points]
    columns = ["Mean prediction", "Mean label", "Low", "High", "n"]
    return Chart("Predicted and true values", drawing.done(figure), columns, rows)


def cost_over_threshold(
    points: Points,
    *,
    threshold: float,
    accept_all: float | None = None,
    reject_all: float | None = None,
    unit: str = "",
    best: Mapping[str, Any] | None = None,
) -> Chart:
    """Cost per case over the threshold, between the costs of deciding the same for everybody.

    `best` is the cheapest threshold with the ends of its interval.
    """
    figure = drawing.blank(
        "Threshold", f"Cost per case{f' ({unit})' if unit else ''}", x=[0, 1]
    )
    at = [point["threshold"] for point in points]
    known = [p for p in points if p["low"] is not None]
    if len(known) == len(points):
        drawing.band(
            figure, at, [p["low"] for p in known], [p["high"] for p in known], "accent"
        )
    drawing.curve(figure, points, "threshold", "cost", "accent", "cost per case")
    for value, words, tone in (
        (accept_all, "accept everyone", "second"),
        (reject_all, "reject everyone", "third"),
    ):
        if value is not None:
            # The curve ends where everybody gets the same: name the line at its other end.
            right = abs(points[0]["cost"] - value) < abs(points[-1]["cost"] - value)
            drawing.level(figure, value, f"{words} {value:.3f}", tone, right=right)
    chosen = drawing.at(points, threshold)
    drawing.mark(figure, chosen, "threshold", "cost")
    drawing.upright(figure, threshold, f"threshold {threshold:.3g}", "ink", at=1)
    if best:
        _mark_best(figure, best)
    highest = max([p["cost"] for p in points] + [v for v in (accept_all, reject_all) if v])
    figure.update_yaxes(range=[0, highest * 1.18])
    sentence = (
        f"{_cost_sentence(chosen, accept_all, reject_all)} {_best_sentence(best)}".strip()
    )
    rows, note = drawing.thinned(
        points, ["threshold", "cost", "low", "high", "predicted_positive"]
    )
    columns = ["Threshold", "Cost per case", "Low", "High", "Share decided positive"]
    return Chart("Cost over the threshold", drawing.done(figure), columns, rows, sentence, note)


def _mark_best(figure: go.Figure, best: Mapping[str, Any]) -> None:
    figure.add_scatter(
        x=[best["threshold"]],
        y=[best["cost"]],
        error_x=drawing.error([best["threshold"]], [best["low"]], [best["high"]]),
        mode="markers",
        marker={"size": 9, "symbol": "diamond"},
        meta={"tone": "good"},
        hovertemplate="cheapest at %{x:.3g}: %{y:.3f}<extra></extra>",
    )


def _best_sentence(best: Mapping[str, Any] | None) -> str:
    if not best:
        return ""
    interval = "no interval"
    if best["low"] is not None:
        interval = f"[{best['low']:.3g}, {best['high']:.3g}]"
    words = f"Cheapest at {best['threshold']:.3g} {interval}: {best['cost']:.3f} a case, "
    words += f"{best['total']:,.4g} in total ({best['method']})."
    if best["theoretical"] is not None:
        words += f" Were scores true probabilities, {best['theoretical']:.3g} would be."
    return words.replace("-", MINUS)


def sensitivity(points: Points, *, favourable: str, threshold: float) -> Chart:
    """What a case costs if a missed positive costs more or less, each time at the best threshold."""
    figure = drawing.blank("Cost of a missed positive, in false alarms", "Cost per case")
    accept, reject = ("all_positive", "all_negative")
    if favourable == "negative":
        accept, reject = reject, accept
    lines = (
        ("cost", "accent", "best threshold", "solid"),
        ("cost_in_force", "ink", f"threshold {threshold:.3g}", "dot"),
        (accept, "second", "accept everyone", "dash"),
        (reject, "third", "reject everyone", "dash"),
    )
    ratios = [point["ratio"] for point in points]
    for key, tone, _words, dash in lines:
        drawing.line(figure, ratios, [point[key] for point in points], tone, dash)
    drawing.key(figure, [(tone, words) for _key, tone, words, _dash in lines])
    highest = max(point["cost_in_force"] for point in points)
    figure.update_yaxes(range=[0, 1.6 * highest])
    columns = [
        "Cost ratio",
        "Best threshold",
        "Cost there",
        f"Cost at {threshold:.3g}",
        "Accept everyone",
        "Reject everyone",
    ]
    keys = ("ratio", "threshold", "cost", "cost_in_force", accept, reject)
    rows = [tuple(point[key] for key in keys) for point in points]
    ends = points[0], points[-1]
    sentence = (
        f"The best threshold moves from {ends[0]['threshold']:.3g} to {ends[1]['threshold']:.3g} "
        f"as a missed positive costs {ends[0]['ratio']:g} to {ends[1]['ratio']:g} times a false alarm."
    )
    return Chart(
        "If a missed positive costs more", drawing.done(figure), columns, rows, sentence
    )


def slices(
    measured: Iterable[Measured],
    *,
    metric: str,
    overall: float | None = None,
    limit: float | None = None,
    higher_is_better: bool = True,
) -> Chart:
    """One row a group with its interval, against the whole and the limit of the policy."""
    found = list(measured)
    labels, places = _grouped(found)
    figure = drawing.blank(metric, "")
    for bad in (False, True):
        chosen = [
            (row, place)
            for row, place in zip(found, places, strict=True)
            if row.value is not None and _is_beyond(row.value, limit, higher_is_better) == bad
        ]
        _forest(figure, chosen, "bad" if bad else "accent")
    if overall is not None:
        drawing.upright(figure, overall, f"all {_plain(overall)}", "muted", at=1)
    if limit is not None:
        drawing.upright(figure, limit, f"limit {limit:.3g}", "bad", at=0)
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=labels,
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
        automargin=True,
    )
    figure.update_layout(height=110 + ROW_HEIGHT * len(labels), margin={"t": 26, "b": 56})
    columns = ["Group", metric, "Low", "High", "n"]
    rows = [
        (f"{one.slice_field} {one.slice_value}", _or_why(one), one.low, one.high, one.n)
        for one in found
    ]
    return Chart(f"{metric} by group", drawing.done(figure), columns, rows, size="own")


def differences(found: Sequence["Difference"], *, heading: str, unit: str = "") -> Chart:
    """One row a difference with its interval; left of zero the second is higher, right the first."""
    figure = drawing.blank(f"First minus second{f' ({unit})' if unit else ''}", "")
    shown = [one for one in found if one.value is not None]
    labels = [
        f"{one.slice_field}: {one.slice_value}" if one.slice_field else one.title
        for one in shown
    ]
    for tone in ("accent", "good", "bad"):
        own = [place for place, one in enumerate(shown) if _tone(one) == tone]
        values = [shown[place].value for place in own]
        figure.add_scatter(
            x=values,
            y=own,
            error_x=drawing.error(
                values,
                [shown[place].low for place in own],
                [shown[place].high for place in own],
            ),
            mode="markers",
            marker={"size": 9, "symbol": "circle" if tone == "accent" else "diamond"},
            meta={"tone": tone},
            customdata=[[labels[place], shown[place].n] for place in own],
            hovertemplate="%{customdata[0]}: %{x:.4g}, n %{customdata[1]}<extra></extra>",
        )
    drawing.upright(figure, 0, "no difference", "muted", at=1)
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=labels,
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
        automargin=True,
    )
    figure.update_layout(height=110 + ROW_HEIGHT * len(labels), margin={"t": 26, "b": 56})
    columns = ["What", "Difference", "Low", "High", "Rows", "Says"]
    rows = [
        (label, one.value, one.low, one.high, one.n, one.verdict)
        for label, one in zip(labels, shown, strict=True)
    ]
    return Chart(heading, drawing.done(figure), columns, rows, size="own")


def _tone(one: "Difference") -> str:
    return one.tone if one.tone in ("good", "bad") else "accent"


def kpi_and_metric(
    observations: Iterable[Observed],
    points: Iterable[MetricPoint],
    *,
    kpi: Kpi,
    metric: str,
    marks: Iterable[tuple[date, str]] | None = None,
) -> Chart:
    """The KPI above, the metric below, on one time axis, with the versions as upright lines."""
    observed, measured = list(observations), list(points)
    figure = drawing.blank("", "")
    _periods(figure, observed)
    drawing.level(figure, kpi.target, f"target {kpi.target:g}", "good", right=True)
    if kpi.baseline is not None:
        words = f"without a model {kpi.baseline:g}"
        drawing.level(figure, kpi.baseline, words, "muted", right=True)
    figure.add_scatter(
        x=[point.on.isoformat() for point in measured],
        y=[point.value for point in measured],
        error_y=drawing.error(
            [point.value for point in measured],
            [point.low for point in measured],
            [point.high for point in measured],
        ),
        mode="markers",
        marker_size=8,
        yaxis="y2",
        meta={"tone": "second"},
        customdata=[[point.version, point.n] for point in measured],
        hovertemplate="%{customdata[0]}: %{y:.3f}, n %{customdata[1]}<extra></extra>",
    )
    shown = _first_of_each(measured) if marks is None else list(marks)
    _versions(figure, shown)
    _days(figure, observed, [point.on for point in measured] + [on for on, _label in shown])
    unit = f" ({kpi.unit})" if kpi.unit else ""
    _panels(figure, f"{kpi.title}{unit}", f"{metric}, with interval")
    for empty, y in ((not observed, 0.75), (not measured, 0.2)):
        if empty:
            drawing.note(figure, 0.5, y, "nothing yet", "muted", xref="paper", yref="paper")
    rows = [
        (
            f"{one.period_start} to {one.period_end}",
            kpi.title,
            one.value,
            "",
            "",
            one.rows or "",
        )
        for one in observed
    ] + [
        (str(one.on), f"{metric}, {one.version}", one.value, one.low, one.high, one.n)
        for one in measured
    ]
    columns = ["When", "What", "Value", "Low", "High", "n"]
    return Chart(f"{kpi.title} and {metric}", drawing.done(figure), columns, rows, size="tall")


def funnel(stages: Sequence[tuple[str, int]]) -> Chart:
    """How many got as far as each stage."""
    figure = drawing.blank("", "")
    first = (stages[0][1] if stages else 0) or 1
    figure.add_bar(
        y=[title for title, _count in stages],
        x=[count for _title, count in stages],
        text=[f"{count} ({count / first:.0%})" for _title, count in stages],
        orientation="h",
        textposition="outside",
        cliponaxis=False,
        width=0.62,
        meta={"tone": "accent"},
        hoverinfo="skip",
    )
    figure.update_xaxes(visible=False, range=[0, first * 1.3])
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False)
    figure.update_layout(margin={"l": 8, "b": 8}, height=24 + 38 * len(stages))
    rows = [(title, count, f"{count / first:.0%}") for title, count in stages]
    columns = ["Stage", "Versions", "Of those registered"]
    return Chart("How far versions get", drawing.done(figure), columns, rows, size="own")


def _cost_sentence(
    chosen: Mapping[str, Any] | None, accept_all: float | None, reject_all: float | None
) -> str:
    if chosen is None:
        return ""
    words = [f"At {chosen['threshold']:.3g} a case costs {chosen['cost']:.3f}"]
    if accept_all is not None:
        words.append(f"accepting everyone {accept_all:.3f}")
    if reject_all is not None:
        words.append(f"rejecting everyone {reject_all:.3f}")
    return ", ".join(words) + "."


def _grouped(measured: list[Measured]) -> tuple[list[str], list[int]]:
    """Labels from the top, the field before its groups, and the place of every group."""
    labels, places, last = [], [], None
    for one in measured:
        if one.slice_field != last:
            labels.append(f"{one.slice_field}:")
            last = one.slice_field
        places.append(len(labels))
        hidden = ", not shown" if one.value is None else ""
        labels.append(f"{one.slice_value}, n {one.n:,}{hidden}")
    return labels, places


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"


def _is_beyond(value: float, limit: float | None, higher_is_better: bool) -> bool:
    if limit is None:
        return False
    return value < limit if higher_is_better else value > limit


def _forest(figure: go.Figure, chosen: list[tuple[Measured, int]], tone: str) -> None:
    values = [row.value for row, _place in chosen]
    figure.add_scatter(
        x=values,
        y=[place for _row, place in chosen],
        error_x=drawing.error(
            values, [row.low for row, _p in chosen], [row.high for row, _p in chosen]
        ),
        mode="markers",
        marker={"size": 9, "symbol": "diamond" if tone == "bad" else "circle"},
        meta={"tone": tone},
        customdata=[[f"{row.slice_field} {row.slice_value}", row.n] for row, _p in chosen],
        hovertemplate="%{customdata[0]}: %{x:.3f}, n %{customdata[1]}<extra></extra>",
    )


def _or_why(one: Measured) -> object:
    return f"none: {one.method}" if one.value is None else one.value


def _periods(figure: go.Figure, observed: list[Observed]) -> None:
    """Each observation as a bar from the first to the last day it speaks of."""
    x, y, told = [], [], []
    for one in observed:
        x += [one.period_start.isoformat(), one.period_end.isoformat(), None]
        y += [one.value, one.value, None]
        told += [[one.rows or "unknown"]] * 3
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line_width=4,
        marker_size=5,
        connectgaps=False,
        meta={"tone": "accent"},
        customdata=told,
        hovertemplate="%{x}: %{y}, n %{customdata[0]}<extra></extra>",
    )


def _first_of_each(measured: list[MetricPoint]) -> list[tuple[date, str]]:
    first: dict[str, date] = {}
    for point in sorted(measured, key=lambda one: one.on):
        first.setdefault(point.version.rsplit(" ", 1)[-1], point.on)
    return [(on, label) for label, on in first.items()]


def _versions(figure: go.Figure, marks: list[tuple[date, str]]) -> None:
    """Upright lines; versions of one day share a label."""
    by_day: dict[date, list[str]] = {}
    for on, label in marks:
        by_day.setdefault(on, []).append(label)
    for on, labels in sorted(by_day.items()):
        words = ", ".join(labels) if len(labels) < 4 else f"{labels[0]} to {labels[-1]}"
        drawing.upright(figure, on.isoformat(), words, "muted", at=1)


def _days(figure: go.Figure, observed: list[Observed], days: list[date]) -> None:
    """Sets the time axis: two months at least, with room on the right for the names of lines."""
    days = [
        *days,
        *(one.period_start for one in observed),
        *(one.period_end for one in observed),
    ]
    if not days:
        return
    span = max(SHORTEST_AXIS, max(days) - min(days))
    limits = [min(days) - span * 0.05, min(days) + span * 1.3]
    figure.update_xaxes(range=[day.isoformat() for day in limits], tickangle=0, nticks=5)


def _panels(figure: go.Figure, above: str, below: str) -> None:
    figure.update_layout(
        yaxis={"domain": [0.56, 0.93]},
        yaxis2={"domain": [0, 0.38], "anchor": "x"},
        xaxis={"type": "date", "anchor": "y2"},
        margin={"t": 28},
    )
    for y, words, tone in ((0.94, above, "accent"), (0.39, below, "second")):
        place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        drawing.note(figure, 0, y, words, tone, font_weight=600, **place)


def _merged(points: Points) -> Points:
    """Wider bars where rows are few, so that the shape shows and not the noise."""
    rows = sum(point["positives"] + point["negatives"] for point in points)
    width = next((k for k in (1, 2, 5) if rows * k / len(points) >= ROWS_A_BAR), 10)
    groups = [points[start : start + width] for start in range(0, len(points), width)]
    return [
        {
            "from": group[0]["from"],
            "to": group[-1]["to"],
            "positives": sum(point["positives"] for point in group),
            "negatives": sum(point["negatives"] for point in group),
        }
        for group in groups
    ]


MOST_HOLDINGS = 60


def pointers(holdings: Sequence[Held], *, now: datetime) -> Chart:
    """One row an alias, or a version in a stage, with a bar for each time it was held."""
    shown = sorted(holdings, key=lambda one: one.since)[-MOST_HOLDINGS:]
    rows = sorted({_pointer_row(one) for one in shown})
    figure = drawing.blank("", "")
    for position, one in enumerate(
        sorted(shown, key=lambda held: (_pointer_row(held), held.since))
    ):
        end = one.until or now
        label = f"v{one.version.number}"
        figure.add_scatter(
            x=[_on_axis(one.since), _on_axis(end)],
            y=[rows.index(_pointer_row(one))] * 2,
            mode="lines",
            line={"width": 12},
            meta={"tone": "second" if position % 2 else "accent"},
            hovertemplate=f"{_pointer_row(one)}: {label}, %{{x}}<extra></extra>",
        )
        row = rows.index(_pointer_row(one))
        place = {"xanchor": "left", "yanchor": "bottom", "yshift": 6}
        drawing.note(figure, _on_axis(one.since), row, label, "ink", **place)
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=rows,
        range=[len(rows) - 0.5, -0.75],
        showgrid=False,
        automargin=True,
    )
    figure.update_xaxes(type="date")
    figure.update_layout(height=90 + 2 * ROW_HEIGHT * max(1, len(rows)))
    columns = ["Pointer", "Version", "From", "Until", "By", "Decision"]
    table = [_holding_row(one) for one in reversed(shown)]
    left_out = len(holdings) - len(shown)
    note = (
        f"The newest {MOST_HOLDINGS}; {left_out} older ones are left out." if left_out else ""
    )
    return Chart(
        "What every pointer held", drawing.done(figure), columns, table, note=note, size="own"
    )


def _pointer_row(one: Held) -> str:
    """A stage may hold several versions at once, so each has a row of its own there."""
    return (
        one.pointer if one.pointer_kind == "alias" else f"{one.pointer} v{one.version.number}"
    )


def _holding_row(one: Held) -> tuple:
    return (
        one.pointer,
        f"v{one.version.number}",
        _minute(one.since),
        _minute(one.until) if one.until else "still",
        one.actor_name,
        " ".join(one.reasons),
    )


def _on_axis(moment: datetime) -> str:
    """Plotly drops the zone, so the axis is given the zone of the table."""
    return timezone.localtime(moment).replace(tzinfo=None).isoformat()


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d %B %Y %H:%M}"
