"""The rows of a file by what they mean instead of what its columns are called, checked one and all."""

# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608

from dataclasses import dataclass
from pathlib import Path

from governance.errors import Invalid
from governance.evaluation.columns import Columns
from governance.evaluation.session import Session, literal, quoted
from governance.evaluation.table import Table, csv_row

MOST_SLICE_VALUES = 50
LONGEST_SLICE_VALUE = 200
# Counting distinct keys exactly costs more than all else, so of many rows it is estimated first.
SURELY_REPEATED = 0.9

# A comparison with NaN is not true, so NaN is bad too.
BAD_SCORE = "NOT coalesce(score BETWEEN 0 AND 1, false)"
BAD_LABEL = "NOT coalesce(label IN (0, 1), false)"


@dataclass(frozen=True)
class Rows:
    """What to put after FROM: score, label, row_key, position and the slices s0, s1, …"""

    session: Session
    table: Table
    columns: Columns
    relation: str
    parameters: list[str]


def rows_of(session: Session, table: Table, columns: Columns, scratch: Path) -> Rows:
    """Maps the columns; Parquet is read where it lies, CSV is parsed once into Parquet."""
    columns.check_against(table.names)
    mapped = [
        f"TRY_CAST({_plain(table, columns.score)} AS DOUBLE) AS score",
        f"TRY_CAST({_plain(table, columns.label)} AS DOUBLE) AS label",
        *(f"{_sliced(table, name)} AS s{i}" for i, name in enumerate(columns.slices)),
    ]
    if columns.row_key:
        mapped.append(f"{quoted(columns.row_key)}::VARCHAR AS row_key")
    select = f"SELECT {', '.join(mapped)}"
    if table.kind == "parquet":
        relation = f"({select}, file_row_number AS position FROM {table.relation})"
        return Rows(session, table, columns, relation, table.parameters)
    parsed = scratch / f"{table.file.name}.parquet"
    session.run(
        f"COPY ({select} FROM {table.relation}) TO {literal(str(parsed))} (FORMAT parquet)",
        table.parameters,
    )
    relation = (
        "(SELECT * RENAME (file_row_number AS position) "
        "FROM read_parquet(?, file_row_number = true, hive_partitioning = false))"
    )
    return Rows(session, table, columns, relation, [str(parsed)])


def _plain(table: Table, name: str) -> str:
    """Trims texts, which also keeps DuckDB from moving the cast into its CSV reader, where it raises."""
    return f"trim({quoted(name)})" if table.kind == "csv" else quoted(name)


def _sliced(table: Table, name: str) -> str:
    """Adds 0 to fractions, since -0 equals 0 but reads otherwise."""
    is_fraction = table.types.get(name) in ("FLOAT", "DOUBLE")
    return f"{quoted(name)} + 0" if is_fraction else quoted(name)


def checked(rows: Rows) -> tuple[int, int]:
    """Returns how many rows and positives there are; refuses the first row that cannot be used."""
    columns = rows.columns
    keys = "count(row_key) AS keys, approx_count_distinct(row_key) AS distinct_keys"
    keys = keys if columns.row_key else "count(*) AS keys, count(*) AS distinct_keys"
    found = rows.session.row(
        f"SELECT count(*) AS n, count(*) FILTER ({BAD_SCORE}) AS bad_scores, "
        f"count(*) FILTER ({BAD_LABEL}) AS bad_labels, "
        f"count(*) FILTER (label = 1) AS positives, {keys} FROM {rows.relation}",
        rows.parameters,
    )
    n, positives = found["n"], found["positives"]
    if not n:
        raise Invalid("The file has no rows.", field="source")
    if found["bad_scores"]:
        _refuse(rows, "score", BAD_SCORE, found["bad_scores"])
    if found["bad_labels"]:
        _refuse(rows, "label", BAD_LABEL, found["bad_labels"])
    if found["keys"] < n:
        _refuse(rows, "row_key", "row_key IS NULL", n - found["keys"])
    if found["distinct_keys"] < SURELY_REPEATED * n:
        refuse_repeated_key(rows)
    if positives in (0, n):
        raise Invalid(
            f"Every label in “{columns.label}” is {int(positives > 0)}; both 0 and 1 are needed.",
            field="columns.label",
        )
    return n, positives


def slice_values(rows: Rows, index: int) -> list[str]:
    """Returns the values of a slice field in their own order; too many are refused early."""
    name = rows.columns.slices[index]
    for part in (f"(SELECT s{index} FROM {rows.relation} LIMIT 100000)", rows.relation):
        found = rows.session.rows(
            f"SELECT v::VARCHAR FROM (SELECT DISTINCT s{index} AS v FROM {part}) "
            f"WHERE v IS NOT NULL ORDER BY v LIMIT {MOST_SLICE_VALUES + 1}",
            rows.parameters,
        )
        if len(found) > MOST_SLICE_VALUES:
            raise Invalid(
                f"“{name}” has more than {MOST_SLICE_VALUES} values; group them before slicing "
                "by it.",
                field="columns.slices",
            )
    values = [value for (value,) in found]
    if any(len(value) > LONGEST_SLICE_VALUE for value in values):
        raise Invalid(
            f"A value of “{name}” has more than {LONGEST_SLICE_VALUE} characters.",
            field="columns.slices",
        )
    if any("\0" in value for value in values):
        raise Invalid(
            f"A value of “{name}” has characters that cannot be kept.", field="columns.slices"
        )
    return values


def digest(rows: Rows, count: int) -> str:
    """Sums one hash a row, so the order of rows does not matter where they have a key.

    Without a key a row is known by its position; labels are then hashed in words of sixty.
    MD5 is here for its presence in every database, not against forgers: the file has its SHA-256.
    """
    if rows.columns.row_key:
        kind = "key"
        each = f"SELECT concat(row_key, chr(31), label::TINYINT) AS r FROM {rows.relation}"
    else:
        kind = "order"
        each = (
            "SELECT concat(position // 60, ':', sum(label::BIGINT << (position % 60))) AS r "
            f"FROM {rows.relation} GROUP BY position // 60"
        )
    # The upper half, by shifting: md5_number_upper() says the same four times slower.
    total = rows.session.row(
        f"SELECT sum((md5_number(r) >> 64)::HUGEINT) AS total FROM ({each})", rows.parameters
    )["total"]
    return f"{kind}:{count}:{int(total):x}"


def refuse_repeated_key(rows: Rows) -> None:
    repeated = rows.session.rows(
        f"SELECT row_key FROM {rows.relation} GROUP BY row_key HAVING count(*) > 1 "
        "ORDER BY row_key LIMIT 1",
        rows.parameters,
    )
    if repeated:
        raise Invalid(
            f"The row key “{_shortened(repeated[0][0])}” occurs more than once in "
            f"“{rows.columns.row_key}”.",
            field="columns.row_key",
        )


def _refuse(rows: Rows, part: str, bad: str, count: int) -> None:
    """Names the first row that cannot be used, with its value and line."""
    position = rows.session.row(
        f"SELECT min(position) AS first FROM {rows.relation} WHERE {bad}", rows.parameters
    )["first"]
    if position is None:
        raise Invalid(
            "The file's own statistics contradict its rows; write the file again.",
            field="source",
        )
    name = getattr(rows.columns, part)
    where, text = _where(rows, position, name)
    more = f" ({count:,} such rows)" if count > 1 else ""
    raise Invalid(f"{where}: “{name}” {_fault(part, text)}{more}.", field=f"columns.{part}")


def _where(rows: Rows, position: int, name: str) -> tuple[str, str | None]:
    """Returns the place of a row as people find it, and the text in the column."""
    if rows.table.kind == "csv":
        line, texts = csv_row(rows.table, position)
        return f"Line {line}", texts.get(name) or None
    found = rows.session.row(
        f"SELECT {quoted(name)}::VARCHAR AS value FROM {rows.table.relation} "
        "WHERE file_row_number = ?",
        [*rows.table.parameters, position],
    )
    return f"Row {position + 1}", found["value"]


def _fault(part: str, text: str | None) -> str:
    if text is None:
        return f"has no {part.replace('_', ' ')}"
    if part == "label":
        return f"is “{_shortened(text)}”, not 0 or 1"
    try:
        number = float(text)
    except ValueError:
        return f"is “{_shortened(text)}”, not a number"
    return f"is {_shortened(text)}, " + (
        "not a number" if number != number else "outside [0, 1]"
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
