"""Warehouses that hold predictions as tables: which ones there are, and how they are asked.

Every question is written once in DuckDB's dialect and transpiled by sqlglot. Only histograms and
sums come back, never rows. Addresses and their passwords are settings, never part of a request.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np
import sqlglot
from django.conf import settings

from governance.errors import Invalid

SCHEME = "warehouse://"
TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")
DIALECTS = {"postgresql": "postgres", "trino": "trino", "bigquery": "bigquery"}
DIALECTS |= {"snowflake": "snowflake", "duckdb": "duckdb"}
ROWS_AN_INSERT = 5_000


class Warehouse(Protocol):
    """What the measurement asks of a warehouse."""

    dialect: str

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Runs a query in DuckDB's dialect."""

    def keep(self, name: str, columns: dict[str, Sequence[int]]) -> None:
        """Keeps a small table of whole numbers for the queries to come."""


def is_table(source: str) -> bool:
    return source.startswith(SCHEME)


def check(source: str) -> tuple[str, str]:
    """Returns the names of warehouse and table, if the table is open for predictions."""
    open_ones = [root for root in settings.EVALUATION_ROOTS if is_table(root)]
    name, _, table = source.removeprefix(SCHEME).partition("/")
    if not TABLE.fullmatch(table):
        raise Invalid(
            "Name the table as warehouse://<warehouse>/<schema>.<table>, of plain letters.",
            field="source",
        )
    opened = [
        root
        for root in open_ones
        if source == root or source.startswith(f"{root.rstrip('.')}.")
    ]
    if not opened or name not in settings.EVALUATION_WAREHOUSES:
        raise Invalid(
            "This table lies outside the warehouses that are open for predictions.",
            field="source",
        )
    return name, table


@contextmanager
def connected(name: str) -> Iterator[Warehouse]:
    """Opens a warehouse by the name it has in the settings; what goes wrong there is told in a sentence."""
    address = settings.EVALUATION_WAREHOUSES[name]
    scheme = urlsplit(address).scheme.split("+")[0]
    connect = _spark if scheme in ("sc", "local") else _database
    try:
        with connect(address, scheme) as warehouse:
            yield warehouse
    except Invalid:
        raise
    except ImportError as error:
        raise Invalid(
            f"This server was installed without what speaks to {name} ({error.name}).",
            field="source",
        ) from None
    except Exception as error:
        # Drivers raise what they like, and their texts may hold the address with its password.
        raise Invalid(
            f"The warehouse {name} refused: {type(error).__name__}.", field="source"
        ) from error


class _Database:
    """Any database that SQLAlchemy speaks to."""

    def __init__(self, connection: Any, dialect: str) -> None:
        self.connection, self.dialect = connection, dialect

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found = self.connection.exec_driver_sql(translated(sql, self.dialect))
        return [dict(row) for row in found.mappings()]

    def keep(self, name: str, columns: dict[str, Sequence[int]]) -> None:
        kinds = ", ".join(f"{column} BIGINT" for column in columns)
        self._run(f"CREATE TEMPORARY TABLE {name} ({kinds})")
        values = list(zip(*columns.values(), strict=True))
        for start in range(0, len(values), ROWS_AN_INSERT):
            part = ", ".join(
                f"({', '.join(str(int(one)) for one in row)})"
                for row in values[start : start + ROWS_AN_INSERT]
            )
            self._run(f"INSERT INTO {name} VALUES {part}")  # noqa: S608 (whole numbers)

    def _run(self, sql: str) -> None:
        self.connection.exec_driver_sql(translated(sql, self.dialect))


@contextmanager
def _database(address: str, scheme: str) -> Iterator[_Database]:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    if scheme not in DIALECTS:
        raise Invalid(f"{scheme} is no warehouse this server speaks to.", field="source")
    with create_engine(address, poolclass=NullPool).connect() as connection:
        yield _Database(connection, DIALECTS[scheme])


class Spark:
    """A Spark cluster by Spark Connect (sc://…), or Spark in this process (local[2])."""

    dialect = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found = self.session.sql(translated(sql, "spark")).collect()
        return [row.asDict() for row in found]

    def keep(self, name: str, columns: dict[str, Sequence[int]]) -> None:
        values = [tuple(int(one) for one in row) for row in zip(*columns.values(), strict=True)]
        kinds = ", ".join(f"{column} bigint" for column in columns)
        self.session.createDataFrame(values, kinds).createOrReplaceTempView(name)


@contextmanager
def _spark(address: str, scheme: str) -> Iterator[Spark]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("imprimatur")
    local = scheme == "local"
    builder = builder.master(address.split("://")[1]) if local else builder.remote(address)
    yield Spark(builder.getOrCreate())


def translated(sql: str, dialect: str) -> str:
    return sqlglot.transpile(sql, read="duckdb", write=dialect)[0]


# The whole number in eight hexadecimal digits, which every dialect says in its own way.
HEXADECIMAL = {
    "duckdb": "CAST('0x' || {0} AS BIGINT)",
    "postgres": "CAST(CAST(CAST('x' || {0} AS VARBIT) AS BIT(32)) AS BIGINT)",
    "spark": "CAST(CONV({0}, 16, 10) AS BIGINT)",
    "trino": "FROM_BASE({0}, 16)",
    "bigquery": "CAST('0x' || {0} AS BIGINT)",
    "snowflake": "TO_NUMBER({0}, 'XXXXXXXX')",
}


def hash_halves(text: str, dialect: str) -> tuple[str, str]:
    """SQL of the last eight bytes of the MD5 of a text, lowest first, as two numbers of 32 bits.

    These are the bytes that DuckDB calls the upper half, so that a table and a file of the same
    rows have the same digest.
    """
    hashed = f"md5({text})"
    pairs = [f"substr({hashed}, {place}, 2)" for place in range(31, 15, -2)]
    high, low = " || ".join(pairs[:4]), " || ".join(pairs[4:])
    number = HEXADECIMAL[dialect]
    return number.format(f"({high})"), number.format(f"({low})")


def column(found: list[dict[str, Any]], name: str, kind: type = float) -> np.ndarray:
    return np.array([row[name] or 0 for row in found], dtype=kind)
