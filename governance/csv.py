"""Lists as CSV files: streamed, bounded, and harmless in a spreadsheet; which columns is for those to say who own the list."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

MOST_ROWS = 50_000
CHUNK = 1000
# What a spreadsheet would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Columns = Sequence[tuple[str, Callable[[Any], object]]]


class Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def streamed(name: str, rows: QuerySet, columns: Columns) -> StreamingHttpResponse:
    """Answers with one line a row; the last line says so when rows were left out."""
    return StreamingHttpResponse(
        _lines(rows, columns),
        content_type="text/csv; charset=utf-8",
        headers=_headers(name),
    )


def listed(
    name: str, titles: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """The same from rows that are at hand."""

    def lines() -> Iterator[str]:
        writer = csv.writer(Line())
        yield writer.writerow(titles)
        for row in rows:
            yield writer.writerow([cell(value) for value in row])

    return StreamingHttpResponse(
        lines(), content_type="text/csv; charset=utf-8", headers=_headers(name)
    )


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "private, no-store",
    }


def cell(value: object) -> object:
    """A text that would run as a formula gets an apostrophe in front; numbers stay numbers."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _lines(rows: QuerySet, columns: Columns) -> Iterator[str]:
    writer = csv.writer(Line())
    yield writer.writerow([title for title, _read in columns])
    for number, row in enumerate(_bounded(rows)):
        if number == MOST_ROWS:
            yield writer.writerow([f"Only the first {MOST_ROWS:,} rows are in this file."])
            return
        yield writer.writerow([cell(read(row)) for _title, read in columns])


def _bounded(rows: QuerySet) -> Iterable:
    return rows[: MOST_ROWS + 1].iterator(chunk_size=CHUNK)
