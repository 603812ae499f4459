"""Figures that were measured elsewhere and reported by a pipeline; read strictly, believed as said.

This server never saw the rows, so such figures carry their own prefix and are never mixed with
measured ones.
"""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

from governance.errors import Invalid
from governance.metrics import REPORTED
from governance.metrics.metric import HIDDEN_UNDER

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
MOST_FIGURES = 2_000
DIRECTIONS = ("higher", "lower", "")
KNOWN = {
    "metric",
    "value",
    "n",
    "low",
    "high",
    "unit",
    "direction",
    "slice_field",
    "slice_value",
    "method",
}
BY_THE_PIPELINE = "reported by the pipeline"


@dataclass(frozen=True)
class Report:
    """One reported figure; without a value where so few rows stand behind it that people could be recognised."""

    metric: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    unit: str = ""
    direction: str = ""
    slice_field: str = ""
    slice_value: str = ""
    method: str = BY_THE_PIPELINE

    @property
    def place(self) -> tuple[str, str, str]:
        return self.metric, self.slice_field, self.slice_value


def reports(asked: object) -> list[Report]:
    """Reads the figures of a request; names the first that cannot be kept."""
    if not isinstance(asked, list | tuple) or not 1 <= len(asked) <= MOST_FIGURES:
        raise Invalid(f"Send from 1 to {MOST_FIGURES:,} figures.", field="measurements")
    found = [_report(one, position) for position, one in enumerate(asked)]
    seen: set[tuple[str, str, str]] = set()
    for position, one in enumerate(found):
        if one.place in seen:
            _refuse(position, "this metric is reported twice for the same rows")
        seen.add(one.place)
    return found


def _report(asked: object, position: int) -> Report:
    if not isinstance(asked, dict) or set(asked) - KNOWN:
        _refuse(position, f"a figure has {', '.join(sorted(KNOWN))}")
    name = asked.get("metric")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        _refuse(position, "a metric is named by small letters, digits and _, at most 50")
    n, value = _count(asked.get("n"), position), _number(asked.get("value"), "value", position)
    low, high = _interval(asked, value, position)
    if asked.get("direction", "") not in DIRECTIONS:
        _refuse(position, "the direction is “higher”, “lower” or nothing")
    texts = {key: _text(asked, key, position) for key in ("slice_field", "slice_value", "unit")}
    if bool(texts["slice_field"]) != bool(texts["slice_value"]):
        _refuse(position, "a slice has both a field and a value")
    how = _text(asked, "method", position)
    method = f"{BY_THE_PIPELINE}: {how}" if how else BY_THE_PIPELINE
    if n < HIDDEN_UNDER:
        value, low, high, method = None, None, None, "hidden"
    return Report(
        f"{REPORTED}{name}",
        value,
        n,
        low,
        high,
        direction=asked.get("direction", ""),
        method=method,
        **texts,
    )


def _count(asked: Any, position: int) -> int:
    if not isinstance(asked, int) or isinstance(asked, bool) or not 1 <= asked <= 10**12:
        _refuse(position, "n is how many cases were measured, a whole number from 1")
    return asked


def _number(asked: Any, name: str, position: int) -> float:
    if not isinstance(asked, int | float) or isinstance(asked, bool) or not isfinite(asked):
        _refuse(position, f"the {name} is a finite number")
    return float(asked)


def _interval(asked: dict, value: float, position: int) -> tuple[float | None, float | None]:
    ends = [asked.get("low"), asked.get("high")]
    if ends == [None, None]:
        return None, None
    low, high = (_number(end, "interval", position) for end in ends)
    if not low <= value <= high:
        _refuse(position, "the interval does not hold the value")
    return low, high


def _text(asked: dict, key: str, position: int) -> str:
    text, longest = asked.get(key) or "", 30 if key == "unit" else 150
    if not isinstance(text, str) or len(text) > longest or "\0" in text:
        _refuse(position, f"{key} is a text of at most {longest} characters")
    return text


def _refuse(position: int, why: str) -> None:
    raise Invalid(f"Figure {position + 1}: {why}.", field=f"measurements.{position}")
