"""The profile of a file's columns: types, gaps, quantiles and frequent values; keeps no single value.

Extremes are not kept, only the first and last hundredth: a highest income points at a person. Of
frequent values those of fewer than ten rows are left out for the same reason.
"""

# Column names are quoted by quoted(), file names are parameters.
# ruff: noqa: S608

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from governance.errors import Invalid
from governance.evaluation.rows import ROWS_FOR_QUANTILES
from governance.evaluation.session import Session, quoted
from governance.evaluation.table import Table, faults_named, open_table
from governance.metrics.metric import HIDDEN_UNDER

MOST_COLUMNS = 500
MOST_VALUES = 10
LONGEST_VALUE = 100
# Of a column with more different values no frequent ones are looked for: it is a key or a text.
MOST_DIFFERENT = 1_000
QUANTILES = [0.01, 0.25, 0.5, 0.75, 0.99]
NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|DOUBLE|FLOAT|DECIMAL")

Progress = Callable[[int, int, str], None]


def profile(
    file: Path, *, scratch: Path, memory: str, progress: Progress
) -> tuple[int, list[dict[str, Any]]]:
    """Returns how many rows the file has, and its columns as a list of facts."""
    session = Session([file], scratch=scratch, memory=memory)
    try:
        table = open_table(session, file)
        if len(table.names) > MOST_COLUMNS:
            raise Invalid(
                f"The file has more than {MOST_COLUMNS} columns; record those that count.",
                field="source",
            )
        with faults_named(table.title):
            return _profiled(session, table, progress)
    finally:
        session.close()


def _profiled(
    session: Session, table: Table, progress: Progress
) -> tuple[int, list[dict[str, Any]]]:
    columns, count = [], 0
    for position, (name, kind) in enumerate(table.types.items()):
        progress(position, len(table.types), f"Reading {name}")
        count, facts = _column(session, table, name, kind)
        columns.append(facts)
    if not count:
        raise Invalid("The file has no rows.", field="source")
    return count, columns


def _column(session: Session, table: Table, name: str, kind: str) -> tuple[int, dict[str, Any]]:
    column = quoted(name)
    text = f"nullif(trim({column}), '')" if table.kind == "csv" else column
    number = f"TRY_CAST({text} AS DOUBLE)"
    found = session.row(
        f"SELECT count(*) AS n, count({text}) AS present, count({number}) AS numbers, "
        f"approx_count_distinct({text}) AS different FROM {table.relation}",
        table.parameters,
    )
    is_number = found["present"] and (
        NUMBER.match(kind) or (table.kind == "csv" and found["numbers"] == found["present"])
    )
    facts: dict[str, Any] = {
        "name": name,
        "type": "number" if is_number else _plain(kind),
        "missing": found["n"] - found["present"],
        "different": found["different"],
    }
    if is_number:
        facts |= _numbers(session, table, number, found["n"])
    if found["different"] <= MOST_DIFFERENT:
        facts["frequent"] = _frequent(session, table, text)
    return found["n"], facts


def _plain(kind: str) -> str:
    """DuckDB's types in words people know."""
    for start, word in (
        ("VARCHAR", "text"),
        ("DATE", "date"),
        ("TIMESTAMP", "time"),
        ("BOOL", "yes or no"),
    ):
        if kind.startswith(start):
            return word
    return kind.lower()[:40]


def _numbers(session: Session, table: Table, number: str, count: int) -> dict[str, float]:
    """Mean and spread of all rows; quantiles of about a million, always the same ones."""
    numbers = f"(SELECT {number} AS v, file_row_number AS place FROM {table.numbered})"
    every = max(1, count // ROWS_FOR_QUANTILES)
    found = session.row(
        f"SELECT avg(v) AS mean, stddev_samp(v) AS spread, quantile_disc(v, {QUANTILES}) "
        f"FILTER (hash(place) % {every} = 0) AS quantiles FROM {numbers} WHERE isfinite(v)",
        table.parameters,
    )
    named = zip(
        ("mean", "spread", "p1", "p25", "p50", "p75", "p99"),
        (found["mean"], found["spread"], *(found["quantiles"] or [])),
        strict=False,
    )
    return {key: float(f"{value:.6g}") for key, value in named if value is not None}


def _frequent(session: Session, table: Table, text: str) -> list[dict[str, Any]]:
    found = session.rows(
        f"SELECT {text}::VARCHAR AS v, count(*) AS n FROM {table.relation} "
        f"WHERE {text} IS NOT NULL GROUP BY v HAVING count(*) >= {HIDDEN_UNDER} "
        f"ORDER BY n DESC, v LIMIT {MOST_VALUES}",
        table.parameters,
    )
    return [{"value": _kept(value), "n": n} for value, n in found]


def _kept(value: str) -> str:
    plain = value.replace("\0", "")
    return plain if len(plain) <= LONGEST_VALUE else f"{plain[: LONGEST_VALUE - 1]}…"
