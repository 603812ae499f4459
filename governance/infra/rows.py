"""Rows of a CSV or Parquet file as arrays a child can read without knowing how to read files."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from governance.errors import Invalid
from governance.evaluation.session import Session, quoted
from governance.evaluation.table import Table, faults_named, open_table

MOST_ROWS = 1_000
MOST_COLUMNS = 2_000
MEMORY = "400MB"


def write_arrays(file: Path, written: Path, *, scratch: Path, field: str) -> int:
    """Writes the first rows of the file as plain arrays, in its order; returns how many.

    Numbers stay numbers with NaN for a gap; all else is text. Nothing of it is pickled.
    """
    session = Session([file], scratch=scratch, memory=MEMORY, threads=1)
    try:
        table = open_table(session, file)
        if len(table.names) > MOST_COLUMNS:
            raise Invalid(f"The rows have more than {MOST_COLUMNS:,} columns.", field=field)
        names = ", ".join(quoted(name) for name in table.names)
        with faults_named(table.title):
            found = session.rows(
                f"SELECT {names} FROM {table.relation} LIMIT {MOST_ROWS}",  # noqa: S608 - quoted
                table.parameters,
            )
    except Invalid as error:
        raise Invalid(error.sentence, field=field) from None
    finally:
        session.close()
    if not found:
        raise Invalid("The file has a header but no rows.", field=field)
    arrays = _arrays(table, found, field)
    np.savez(written, names=np.array(list(arrays), dtype=np.str_), **_numbered(arrays))
    return len(found)


def _arrays(table: Table, rows: list[tuple], field: str) -> dict[str, np.ndarray]:
    columns = zip(*rows, strict=True)
    is_text = table.kind == "csv"
    return {
        name: _from_text(values) if is_text else _from_values(name, values, field)
        for name, values in zip(table.names, columns, strict=True)
    }


def _numbered(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """By position, so that no column's name is taken for a name in the archive."""
    return {f"column{at}": values for at, values in enumerate(arrays.values())}


def _from_text(values: tuple[str | None, ...]) -> np.ndarray:
    """Numbers if every filled cell is one."""
    try:
        return np.array([float(one) if one else np.nan for one in values], dtype=np.float64)
    except ValueError:
        return np.array([one or "" for one in values], dtype=np.str_)


def _from_values(name: str, values: tuple[Any, ...], field: str) -> np.ndarray:
    kinds = {type(one) for one in values if one is not None}
    if kinds <= {bool} and None not in values:
        return np.array(values, dtype=np.bool_)
    if kinds <= {int} and None not in values:
        try:
            return np.array(values, dtype=np.int64)
        except OverflowError:
            raise Invalid(f"Column “{name}” holds numbers over 64 bits.", field=field) from None
    if kinds <= {int, float, Decimal, bool}:
        return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
    if kinds <= {str}:
        return np.array([one or "" for one in values], dtype=np.str_)
    raise Invalid(
        f"Column “{name}” holds neither numbers nor text, which no model here takes.",
        field=field,
    )
