"""Rows of a CSV or Parquet file as arrays a child can read without knowing how to read files."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from governance.errors import Invalid
from governance.evaluation.session import Session, quoted
from governance.evaluation.table import Table, faults_named, open_table

MOST_ROWS = 1_000
MOST_COLUMNS = 20_000
MOST_CELLS = 500_000
LONGEST_TEXT = 500
MEMORY = "400MB"
NUMBERS = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN)"
)


def write_arrays(file: Path, written: Path, *, scratch: Path, field: str) -> int:
    """Writes the first rows of the file as plain arrays, in its order; returns how many.

    Numbers stay numbers with NaN for a gap; all else is text, as JSON. Nothing of it is pickled.
    """
    session = Session([file], scratch=scratch, memory=MEMORY, threads=1)
    try:
        table = open_table(session, file)
        found = _first_rows(session, table, field)
    except Invalid as error:
        raise Invalid(error.sentence, field=field) from None
    finally:
        session.close()
    if not found:
        raise Invalid("The file has a header but no rows.", field=field)
    arrays: dict[str, np.ndarray] = {}
    told: list[dict[str, Any]] = []
    for at, (name, values) in enumerate(
        zip(table.names, zip(*found, strict=True), strict=True)
    ):
        column = _column(name, values, is_text=table.kind == "csv", field=field)
        told.append({"name": name} | ({"text": column} if isinstance(column, list) else {}))
        if not isinstance(column, list):
            arrays[f"column{at}"] = column
    text = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    np.savez(written, columns=text, **arrays)
    return len(found)


def _first_rows(session: Session, table: Table, field: str) -> list[tuple]:
    if len(table.names) > MOST_COLUMNS:
        raise Invalid(f"The rows have more than {MOST_COLUMNS:,} columns.", field=field)
    most = max(1, min(MOST_ROWS, MOST_CELLS // len(table.names)))
    columns = ", ".join(_selected(name, kind, field) for name, kind in table.types.items())
    with faults_named(table.title):
        return session.rows(
            f"SELECT {columns} FROM {table.relation} LIMIT {most}",  # noqa: S608 - quoted
            table.parameters,
        )


def _selected(name: str, kind: str, field: str) -> str:
    """The column, cut where its text is longer than is taken."""
    if kind.startswith(("VARCHAR", "ENUM")):
        return f"left({quoted(name)}, {LONGEST_TEXT + 1})"
    if NUMBERS.fullmatch(kind):
        return quoted(name)
    raise Invalid(
        f"Column “{name}” holds neither numbers nor text, which no model here takes.",
        field=field,
    )


def _column(
    name: str, values: tuple[Any, ...], *, is_text: bool, field: str
) -> np.ndarray | list[str]:
    numbers = _from_text(values) if is_text else _from_values(values)
    if numbers is None:
        if any(len(one or "") > LONGEST_TEXT for one in values):
            raise Invalid(
                f"Column “{name}” holds text of more than {LONGEST_TEXT} characters.",
                field=field,
            )
        return [one or "" for one in values]
    if numbers.dtype.kind == "f" and np.isinf(numbers).any():
        raise Invalid(f"Column “{name}” holds infinite numbers.", field=field)
    return numbers


def _from_text(values: tuple[str | None, ...]) -> np.ndarray | None:
    """Numbers if every filled cell is one."""
    try:
        return np.array([float(one) if one else np.nan for one in values], dtype=np.float64)
    except ValueError:
        return None


def _from_values(values: tuple[Any, ...]) -> np.ndarray | None:
    kinds = {type(one) for one in values if one is not None}
    if str in kinds:
        return None
    if kinds <= {bool} and None not in values:
        return np.array(values, dtype=np.bool_)
    if kinds <= {int} and None not in values and max(map(abs, values)) < 2**63:
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if one is None else float(one) for one in values], dtype=np.float64)
