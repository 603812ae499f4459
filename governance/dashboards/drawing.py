"""The pieces of a chart: lines, bands, marks, names; which chart has which is figures.py.

A figure holds no colours: a trace names its tone in `meta`, a line or a note in `name`, and
static/js/charts.js paints them. It has no legend either: what a line is stands beside it. No <b>
or <i> in a label: Plotly would write an inline style, which our content security policy refuses.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

Points = Sequence[Mapping[str, Any]]
MOST_TABLE_ROWS = 60
MARGINS = {"l": 52, "r": 12, "t": 14, "b": 44, "pad": 0}


def blank(
    x_title: str,
    y_title: str,
    *,
    x: list | None = None,
    y: list | None = None,
    percent: bool = False,
) -> go.Figure:
    """Returns a figure with axes and nothing on them."""
    figure = go.Figure()
    figure.update_layout(template="none", showlegend=False, margin=MARGINS, hovermode="closest")
    figure.update_xaxes(title_text=x_title, range=_padded(x))
    figure.update_yaxes(
        title_text=y_title, range=_padded(y), tickformat=".0%" if percent else None
    )
    return figure


def done(figure: go.Figure) -> dict:
    """Returns the figure as plain values."""
    found = figure.to_dict()
    found["layout"].pop("template", None)
    return found


def _padded(limits: list | None) -> list | None:
    return limits and [limits[0] - 0.015, limits[1] + 0.015]


def line(figure: go.Figure, x: list, y: list, tone: str, dash: str = "solid") -> None:
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"width": 1.5, "dash": dash},
        meta={"tone": tone},
        hoverinfo="skip",
    )


def curve(figure: go.Figure, points: Points, x: str, y: str, tone: str, label: str) -> None:
    figure.add_scatter(
        x=[point[x] for point in points],
        y=[point[y] for point in points],
        mode="lines",
        line_width=2.5,
        meta={"tone": tone},
        customdata=[[point.get("threshold")] for point in points],
        hovertemplate=f"{label}: %{{y:.3f}} at {x} %{{x:.3f}}, threshold %{{customdata[0]}}"
        "<extra></extra>",
    )


def band(figure: go.Figure, x: list, low: list, high: list, tone: str) -> None:
    known = [one for one in zip(x, low, high, strict=True) if None not in one]
    figure.add_scatter(
        x=[at for at, _l, _h in known] + [at for at, _l, _h in reversed(known)],
        y=[h for _a, _l, h in known] + [lo for _a, lo, _h in reversed(known)],
        mode="lines",
        line_width=0,
        fill="toself",
        meta={"tone": tone, "fill": True},
        hoverinfo="skip",
    )


def at(points: Points, threshold: float | None) -> Mapping[str, Any] | None:
    """The point nearest to the threshold."""
    known = [point for point in points if point.get("threshold") is not None]
    if threshold is None or not known:
        return None
    return min(known, key=lambda point: abs(point["threshold"] - threshold))


def mark(figure: go.Figure, point: Mapping[str, Any] | None, x: str, y: str) -> None:
    if point is None:
        return
    figure.add_scatter(
        x=[point[x]],
        y=[point[y]],
        mode="markers",
        marker={"size": 10, "line": {"width": 2}},
        meta={"tone": "accent", "ring": True},
        hovertemplate=f"in force: threshold {point['threshold']:.3g}<extra></extra>",
    )


def error(values: list, lows: list, highs: list) -> dict:
    pairs = list(zip(values, lows, highs, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if high is None else high - value for value, _low, high in pairs],
        "arrayminus": [0 if low is None else value - low for value, low, _high in pairs],
        "thickness": 1.5,
        "width": 0,
    }


def note(figure: go.Figure, x: object, y: float, text: str, tone: str, **place: object) -> None:
    figure.add_annotation(x=x, y=y, text=text, name=tone, showarrow=False, **place)


def key(figure: go.Figure, names: list[tuple[str, str]], *, low: bool = False) -> None:
    """Names the lines in the empty corner: below right, or above right."""
    for position, (tone, words) in enumerate(reversed(names) if low else names):
        y = 0.03 + 0.075 * position if low else 0.97 - 0.075 * position
        anchor = "bottom" if low else "top"
        place = {"xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": anchor}
        note(figure, 0.985, y, words, tone, font_weight=600, **place)


def level(
    figure: go.Figure,
    value: float,
    words: str,
    tone: str,
    *,
    below: bool = False,
    right: bool = False,
) -> None:
    figure.add_shape(
        type="line",
        xref="paper",
        x0=0,
        x1=1,
        y0=value,
        y1=value,
        name=tone,
        line={"width": 1.5, "dash": "dash"},
    )
    x, anchor = (0.995, "right") if right else (0.01, "left")
    place = {"xref": "paper", "xanchor": anchor, "yanchor": "top" if below else "bottom"}
    note(figure, x, value, words, tone, **place)


def upright(figure: go.Figure, value: object, words: str, tone: str, *, at: int) -> None:
    figure.add_shape(
        type="line",
        yref="paper",
        y0=0,
        y1=1,
        x0=value,
        x1=value,
        name=tone,
        line={"width": 1.5, "dash": "dot"},
    )
    if at:
        place = {"yref": "paper", "yanchor": "bottom", "xanchor": "center"}
        note(figure, value, 1, words, tone, **place)
    else:
        place = {"yref": "paper", "yanchor": "top", "xanchor": "left", "xshift": 4}
        note(figure, value, 1, words, tone, **place)


def thinned(points: Points, keys: Sequence[str]) -> tuple[list[tuple], str]:
    """At most sixty rows for the table, ends included, and a note when some were left out."""
    step = max(1, -(-len(points) // MOST_TABLE_ROWS))
    shown = list(points[::step])
    if points and shown[-1] is not points[-1]:
        shown.append(points[-1])
    rows = [tuple("" if point[key] is None else point[key] for key in keys) for point in shown]
    note = f"One of every {step} of {len(points)} points." if step > 1 else ""
    return rows, note
