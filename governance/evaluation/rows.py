"""The rows of a file by what they mean instead of what its columns are called, checked one and all."""

# Column names are quoted by quoted(), values by literal(), file names are parameters.
# ruff: noqa: S608

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from governance.errors import Invalid
from governance.evaluation.columns import SINGLE, Columns
from governance.evaluation.faults import Fault, faults_of, missing_key, shortened
from governance.evaluation.session import Session, literal, quoted
from governance.evaluation.slices import Field, band_names
from governance.evaluation.table import Table, csv_row

MOST_SLICE_VALUES = 50
LONGEST_SLICE_VALUE = 200
# Counting distinct keys exactly costs more than all else, so of many rows it is estimated first.
SURELY_REPEATED = 0.9
# Edges of bands of equal size come from about so many rows, always the same ones.
ROWS_FOR_QUANTILES = 1_000_000


@dataclass(frozen=True)
class Rows:
    """What to put after FROM: the parts of the task, row_key, position, weight and the fields s0, s1, …

    `bands` names the bands of each field that is a number, lowest first.
    """

    session: Session
    table: Table
    columns: Columns
    relation: str
    parameters: list[str]
    bands: dict[int, list[str]]


def rows_of(session: Session, table: Table, columns: Columns, scratch: Path) -> Rows:
    """Maps the columns; Parquet is read where it lies, CSV is parsed once into Parquet."""
    columns.check_against(table.names)
    bands: dict[int, list[str]] = {}
    mapped = [f"{sql} AS {name}" for name, sql in parts_of(table, columns)]
    for i, field in enumerate(columns.fields):
        if field.is_banded:
            bands[i], sql = _banded(session, table, field)
        else:
            sql = _sliced(table, field.name)
        mapped.append(f"{sql} AS s{i}")
    if columns.row_key:
        mapped.append(f"{quoted(columns.row_key)}::VARCHAR AS row_key")
    select = f"SELECT {', '.join(mapped)}"
    if table.kind == "parquet":
        relation = f"({select}, file_row_number AS position FROM {table.relation})"
        return Rows(session, table, columns, relation, table.parameters, bands)
    parsed = scratch / f"{table.file.name}.parquet"
    session.run(
        f"COPY ({select} FROM {table.relation}) TO {literal(str(parsed))} (FORMAT parquet)",
        table.parameters,
    )
    relation = (
        "(SELECT * RENAME (file_row_number AS position) "
        "FROM read_parquet(?, file_row_number = true, hive_partitioning = false))"
    )
    return Rows(session, table, columns, relation, [str(parsed)], bands)


def parts_of(table: Table, columns: Columns) -> Iterator[tuple[str, str]]:
    """Yields what the task needs of every row, by name, as SQL over the file's own columns."""
    text = columns.task == "multiclass"
    for part in SINGLE[columns.task]:
        name = getattr(columns, part)
        is_text = part == "query" or (text and part != "score")
        yield part, _text(table, name) if is_text else _number(table, name)
    for i, name in enumerate(columns.labels.values()):
        yield f"label{i}", _number(table, name)
    for i, name in enumerate(columns.scores.values()):
        yield f"score{i}", _number(table, name)
    if columns.weight:
        yield "weight", _number(table, columns.weight)
    for outcome, name in columns.costs.items():
        yield f"cost_{outcome}", _number(table, name)


def _number(table: Table, name: str) -> str:
    return f"TRY_CAST({_plain(table, name)} AS DOUBLE)"


def _text(table: Table, name: str) -> str:
    """Adds 0 to fractions, since -0 equals 0 but reads otherwise; an empty text is missing."""
    return f"nullif(({_sliced(table, name)})::VARCHAR, '')"


def _banded(session: Session, table: Table, field: Field) -> tuple[list[str], str]:
    """Returns the names of a number's bands, and the SQL of the band a row is in."""
    number = _number(table, field.name)
    plain = f"(SELECT {number} AS v, {quoted(field.name)} AS raw, file_row_number AS position FROM {table.numbered})"
    found = session.row(
        "SELECT count(*) AS n, count(raw) FILTER (v IS NULL AND trim(raw::VARCHAR) <> '') AS bad "
        f"FROM {plain}",
        table.parameters,
    )
    if found["bad"]:
        raise Invalid(
            f"“{field.name}” has {found['bad']:,} values that are not numbers, so it has no bands.",
            field="columns.slices",
        )
    edges = field.edges or _quantile_edges(session, table, field, plain, found["n"])
    names = band_names(edges)
    cases = " ".join(
        f"WHEN {number} < {edge!r}::DOUBLE THEN {literal(name)}"
        for edge, name in zip(edges, names[:-1], strict=True)
    )
    missing = f"{number} IS NULL OR isnan({number})"
    return names, f"CASE WHEN {missing} THEN NULL {cases} ELSE {literal(names[-1])} END"


def _quantile_edges(
    session: Session, table: Table, field: Field, plain: str, count: int
) -> tuple[float, ...]:
    every = max(1, count // ROWS_FOR_QUANTILES)
    shares = [i / field.quantiles for i in range(1, field.quantiles)]
    found = session.row(
        f"SELECT quantile_disc(v, {shares}) AS edges FROM {plain} "
        f"WHERE v IS NOT NULL AND isfinite(v) AND hash(position) % {every} = 0",
        table.parameters,
    )["edges"]
    edges = tuple(dict.fromkeys(found or ()))
    short = tuple(float(f"{edge:.4g}") for edge in edges)
    # People read the names of bands, so edges are rounded where that keeps them apart.
    edges = short if len(set(short)) == len(edges) else edges
    if not edges:
        raise Invalid(f"“{field.name}” has no numbers.", field="columns.slices")
    return edges


def _plain(table: Table, name: str) -> str:
    """Trims texts, which also keeps DuckDB from moving the cast into its CSV reader, where it raises."""
    return f"trim({quoted(name)})" if table.kind == "csv" else quoted(name)


def _sliced(table: Table, name: str) -> str:
    """Adds 0 to fractions, since -0 equals 0 but reads otherwise."""
    is_fraction = table.types.get(name) in ("FLOAT", "DOUBLE")
    return f"{quoted(name)} + 0" if is_fraction else quoted(name)


@dataclass(frozen=True)
class Counted:
    """How many rows there are, and of a yes-or-no task how many are positive."""

    n: int
    positives: int | None = None


def checked(rows: Rows) -> Counted:
    """Counts the rows; refuses the first one that cannot be used."""
    faults = list(faults_of(rows.columns))
    bad = ", ".join(f"count(*) FILTER ({one.is_bad}) AS bad{i}" for i, one in enumerate(faults))
    keyed = bool(rows.columns.row_key)
    keys = "count(row_key) AS keys, approx_count_distinct(row_key) AS distinct_keys"
    positives = "count(*) FILTER (label = 1)" if rows.columns.task == "binary" else "NULL"
    found = rows.session.row(
        f"SELECT count(*) AS n, {positives} AS positives, {bad}"
        f"{f', {keys}' if keyed else ''} FROM {rows.relation}",
        rows.parameters,
    )
    n = found["n"]
    if not n:
        raise Invalid("The file has no rows.", field="source")
    for i, fault in enumerate(faults):
        if found[f"bad{i}"]:
            _refuse(rows, fault, found[f"bad{i}"])
    if keyed and found["keys"] < n:
        _refuse(rows, missing_key(rows.columns), n - found["keys"])
    if keyed and found["distinct_keys"] < SURELY_REPEATED * n:
        refuse_repeated_key(rows)
    if found["positives"] in (0, n):
        raise Invalid(
            f"Every label in “{rows.columns.label}” is {int(found['positives'] > 0)}; both 0 "
            "and 1 are needed.",
            field="columns.label",
        )
    return Counted(n, found["positives"])


def slice_values(rows: Rows, index: int) -> list[str]:
    """Returns the values of a slice field in their own order; too many are refused early."""
    if index in rows.bands:
        return rows.bands[index]
    name = rows.columns.fields[index].name
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
    truth = truth_of(rows.columns)
    if rows.columns.row_key:
        kind = "key"
        each = f"SELECT concat(row_key, chr(31), {truth}) AS r FROM {rows.relation}"
    elif rows.columns.task == "binary":
        kind = "order"
        each = (
            "SELECT concat(position // 60, ':', sum(label::BIGINT << (position % 60))) AS r "
            f"FROM {rows.relation} GROUP BY position // 60"
        )
    else:
        kind = "order"
        each = f"SELECT concat(position, ':', {truth}) AS r FROM {rows.relation}"
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
            f"The row key “{shortened(repeated[0][0])}” occurs more than once in "
            f"“{rows.columns.row_key}”.",
            field="columns.row_key",
        )


def truth_of(columns: Columns) -> str:
    """SQL of what is true of a row whatever a model says: two evaluations of it agree on this."""
    match columns.task:
        case "binary":
            return "label::TINYINT"
        case "multilabel":
            labels = ", ".join(f"label{i}::TINYINT" for i in range(len(columns.labels)))
            return f"concat_ws(',', {labels})"
        case "ranking":
            return "concat(query, chr(31), label)"
    return "label::VARCHAR"


def _refuse(rows: Rows, fault: Fault, count: int) -> None:
    """Names the first row that cannot be used, with its value and line."""
    position = rows.session.row(
        f"SELECT min(position) AS first FROM {rows.relation} WHERE {fault.is_bad}",
        rows.parameters,
    )["first"]
    if position is None:
        raise Invalid(
            "The file's own statistics contradict its rows; write the file again.",
            field="source",
        )
    where, text = _where(rows, position, fault.column)
    more = f" ({count:,} such rows)" if count > 1 else ""
    raise Invalid(
        f"{where}: “{fault.column}” {fault.told(text)}{more}.", field=f"columns.{fault.part}"
    )


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
