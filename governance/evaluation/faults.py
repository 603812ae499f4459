"""What can be wrong with a row, and how that is told to the one who sent it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from governance.evaluation.columns import SINGLE, Columns

# In SQL a comparison with NULL is not true, nor is one with NaN, so both are bad too.
UNIT = "coalesce({0} BETWEEN 0 AND 1, false)"
FLAG = "coalesce({0} IN (0, 1), false)"
FINITE = "coalesce(isfinite({0}), false)"
NOT_NEGATIVE = "coalesce({0} >= 0 AND isfinite({0}), false)"
POSITIVE = "coalesce({0} > 0 AND isfinite({0}), false)"
PRESENT = "{0} IS NOT NULL"


@dataclass(frozen=True)
class Fault:
    """Something a row must not be: the part and column at fault, and the SQL that finds it."""

    part: str
    column: str
    is_bad: str
    told: Callable[[str | None], str]


def faults_of(columns: Columns) -> Iterator[Fault]:
    """Yields every fault that a row of the task can have."""
    for part in SINGLE[columns.task]:
        yield _fault(part, getattr(columns, part), part, *EXPECTED[columns.task, part])
    for i, column in enumerate(columns.labels.values()):
        yield _fault("labels", column, f"label{i}", FLAG, "0 or 1")
    for i, column in enumerate(columns.scores.values()):
        yield _fault("scores", column, f"score{i}", UNIT, "[0, 1]")
    if columns.weight:
        yield _fault("weight", columns.weight, "weight", POSITIVE, "positive and finite")
    for outcome, column in columns.costs.items():
        yield _fault("costs", column, f"cost_{outcome}", FINITE, "finite")


EXPECTED = {
    ("binary", "score"): (UNIT, "[0, 1]"),
    ("binary", "label"): (FLAG, "0 or 1"),
    ("regression", "prediction"): (FINITE, "finite"),
    ("regression", "label"): (FINITE, "finite"),
    ("multiclass", "prediction"): (PRESENT, ""),
    ("multiclass", "label"): (PRESENT, ""),
    ("ranking", "query"): (PRESENT, ""),
    ("ranking", "label"): (NOT_NEGATIVE, "0 or more"),
    ("ranking", "score"): (FINITE, "finite"),
}


def missing_key(columns: Columns) -> Fault:
    return _fault("row_key", columns.row_key, "row_key", PRESENT, "")


def shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _fault(part: str, column: str, name: str, good: str, expected: str) -> Fault:
    def told(text: str | None) -> str:
        if text is None or not text.strip():
            return f"has no {part.removesuffix('s').replace('_', ' ')}"
        if expected == "0 or 1":
            return f"is “{shortened(text)}”, not 0 or 1"
        return _number_told(text, expected)

    return Fault(part, column, f"NOT {good.format(name)}", told)


def _number_told(text: str, expected: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return f"is “{shortened(text)}”, not a number"
    if number != number:
        return f"is {shortened(text)}, not a number"
    outside = f"outside {expected}" if expected.startswith("[") else f"not {expected}"
    return f"is {shortened(text)}, {outside}"
