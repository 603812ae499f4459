"""Finds out what a file of predictions is, how its columns are called and what is broken in it."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from governance.errors import Invalid
from governance.evaluation.session import Session, literal

# How files begin that zip, gzip, zstd, bzip2 and xz have made.
PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zX")
DELIMITERS = (",", ";", "\t", "|")
# Troubles of the machine, after which the same file may well be read.
TROUBLES_OF_THE_MACHINE = (
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.FatalException,
)
DISK_TROUBLE = re.compile(r"space|temporary|[Ww]rit")


@dataclass(frozen=True)
class Table:
    """A file of predictions as the session sees it: where its rows are and what its columns are called.

    `relation` and `parameters` go after FROM; in `numbered` rows have a `file_row_number`.
    """

    file: Path
    kind: str
    types: dict[str, str]
    delimiter: str = ""

    @property
    def names(self) -> list[str]:
        return list(self.types)

    @property
    def title(self) -> str:
        return "CSV" if self.kind == "csv" else "Parquet"

    @property
    def relation(self) -> str:
        if self.kind == "parquet":
            return "read_parquet(?, file_row_number = true, hive_partitioning = false)"
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.names)
        return (
            f"read_csv(?, auto_detect = false, header = true, delim = {literal(self.delimiter)}, "
            f"quote = '\"', escape = '\"', columns = {{{columns}}}, hive_partitioning = false)"
        )

    @property
    def numbered(self) -> str:
        """The same with `file_row_number`, which Parquet has anyway and CSV has to be counted for."""
        if self.kind == "parquet":
            return self.relation
        return f"(SELECT *, row_number() OVER () - 1 AS file_row_number FROM {self.relation})"  # noqa: S608 (relation is ours)

    @property
    def parameters(self) -> list[str]:
        return [str(self.file)]


def open_table(session: Session, file: Path) -> Table:
    """Finds out what the file is and how its columns are called."""
    if file.stat().st_size == 0:
        raise Invalid("The file is empty.", field="source")
    with file.open("rb") as opened:
        start = opened.read(4)
    if start == b"PAR1":
        return _parquet(session, file)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("The file is text in UTF-16; save it as UTF-8.", field="source")
    if start.startswith(PACKED):
        raise Invalid("The file is packed; send what is inside.", field="source")
    return _csv(file)


def _parquet(session: Session, file: Path) -> Table:
    with faults_named("Parquet"):
        described = session.rows("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)])
    return Table(file, "parquet", {name: type_ for name, type_, *_ in described})


def refuse_too_many(session: Session, table: Table, most: int) -> None:
    """A small Parquet file can say that it holds any number of equal rows, and it would be right."""
    if table.kind == "parquet":
        found = session.row(
            "SELECT sum(num_rows) AS n FROM parquet_file_metadata(?)", table.parameters
        )
        if (found["n"] or 0) > most:
            raise Invalid(
                f"The file has {int(found['n']):,} rows; this server measures {most:,} at most.",
                code="too_large",
                field="source",
            )


def _csv(file: Path) -> Table:
    with file.open("rb") as opened:
        if b"\0" in opened.read(65_536):
            raise Invalid("The file is neither Parquet nor CSV text.", field="source")
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
            first = opened.readline(1_000_000)
            delimiter = max(DELIMITERS, key=first.count)
            opened.seek(0)
            header = next(csv.reader(opened, delimiter=delimiter, strict=True), [])
            has_rows = any(line.strip() for line in opened)
    except csv.Error as error:
        raise Invalid(f"The file cannot be read as CSV: {error}.", field="source") from None
    if not any(header):
        raise Invalid("The file has no header line.", field="source")
    if len(set(header)) < len(header) or "" in header:
        raise Invalid("Line 1: every column needs a name of its own.", field="source")
    if not has_rows:
        raise Invalid("The file has a header but no rows.", field="source")
    return Table(file, "csv", dict.fromkeys(header, "VARCHAR"), delimiter)


@contextmanager
def faults_named(kind: str) -> Iterator[None]:
    """Turns what DuckDB says of a broken file into a sentence for the one who sent it."""
    try:
        yield
    except TROUBLES_OF_THE_MACHINE:
        raise
    except duckdb.Error as error:
        told = str(error)
        if isinstance(error, duckdb.IOException) and DISK_TROUBLE.search(told):
            raise
        line = re.search(r"CSV Error on Line: (\d+)", told)
        where = f"Line {line[1]}: the" if line else "The"
        raise Invalid(
            f"{where} file cannot be read as {kind}: {_cause(told)}", field="source"
        ) from error


def _cause(told: str) -> str:
    """Picks the sentence that says what is wrong out of DuckDB's long answers."""
    for cause in (r"Expected Number of Columns.*", r"Value with .*", r"Invalid unicode"):
        if found := re.search(cause, told):
            return found[0].rstrip(".") + "."
    first = told.split("\n")[0].split("Error: ", 1)[-1]
    without_path = re.sub(r"(file )?[\"'][^\"']*/[^\"']*[\"']", "the file", first)
    return without_path[:200].rstrip(".:") + "."


def csv_row(table: Table, position: int) -> tuple[int, dict[str, str]]:
    """Returns the line on which the row ends, and its texts by column; lines are counted as editors do."""
    with table.file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.reader(opened, delimiter=table.delimiter)
        next(reader)
        filled = (row for row in reader if row)
        for index, row in enumerate(filled):
            if index == position:
                return reader.line_num, dict(zip(table.names, row, strict=False))
    return 0, {}
