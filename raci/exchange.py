"""A matrix as a table of text, to be worked on in a spreadsheet and read back: pure, no database.

The columns are stage, key, activity and segregated, then one a role. Reading changes activities and
roles that exist; what a file leaves out stays as it is, and what it cannot mean is told cell by cell.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from raci.edits import MAX_ACTIVITIES, MAX_ROLES, ChangeActivity, applied, in_order
from raci.errors import Invalid, RaciError
from raci.naming import known_letters, letters_of, naming_of, shown, stored, word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 2_000_000
MAX_UNPACKED = 20_000_000
MAX_PARTS = 200
# Room for blank lines and columns beside a whole matrix.
MAX_ROWS = 4 * MAX_ACTIVITIES
MAX_COLUMNS = 4 * (4 + MAX_ROLES)
MOST_MISTAKES = 50
FACTS = ("stage", "key", "activity", "segregated")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
NO_LETTERS = {"", "-", "–", "—", ".", "·"}
YES, NO = {"yes", "true", "1", "x", "y"}, {"no", "false", "0", "", "n"}
# What a spreadsheet would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Table:
    """Rows of text, with what had to be guessed to read them; `formulas` are places from 1."""

    rows: list[list[str]]
    notes: tuple[str, ...] = ()
    formulas: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Mistake:
    """What is wrong in one cell; row and column count from 1, as a spreadsheet does."""

    row: int
    column: int
    sentence: str

    @property
    def place(self) -> str:
        return f"{get_column_letter(self.column)}{self.row}"

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


@dataclass(frozen=True)
class Reading:
    """What a table makes of a matrix; without mistakes, `after` may be saved."""

    after: dict
    notes: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def or_refused(self) -> dict:
        """The matrix as read; Invalid with every place that cannot be."""
        if not self.mistakes:
            return self.after
        amount = len(self.mistakes)
        reasons = [str(one) for one in self.mistakes[:MOST_MISTAKES]]
        if amount > MOST_MISTAKES:
            reasons.append(f"And {amount - MOST_MISTAKES} more.")
        cells = "One cell cannot" if amount == 1 else f"{amount} cells cannot"
        raise Invalid(
            f"{cells} be read, so nothing was changed.",
            code="unreadable_cells",
            reasons=reasons,
            field="file",
        )


def as_csv(snapshot: dict) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO()
    csv.writer(text).writerows(_rows(snapshot))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(snapshot: dict) -> bytes:
    """A workbook of one sheet; every cell is text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "RACI"
    sheet.freeze_panes = "D2"
    for row in _rows(snapshot):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def table_of(data: bytes) -> Table:
    """Reads a CSV file or a workbook, whichever it is; Invalid says why it can be neither."""
    if len(data) > MAX_BYTES:
        raise Invalid(
            f"The file has {len(data):,} bytes; a matrix has at most {MAX_BYTES:,}.",
            code="too_large",
            field="file",
        )
    if data.startswith(b"PK"):
        return _workbook(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("This is an old .xls workbook; save it as .xlsx or CSV.", field="file")
    text, note = _decoded(data)
    table = pasted(text)
    return Table(table.rows, (*filter(None, [note]), *table.notes))


def pasted(text: str) -> Table:
    """Reads CSV text with commas, semicolons or tabs, such as cells copied from a spreadsheet."""
    if len(text) > MAX_BYTES:
        raise Invalid(f"A matrix has at most {MAX_BYTES:,} characters.", field="text")
    separator = _separator(text)
    try:
        rows = _bounded(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Invalid(f"The text cannot be read as a table ({error}).", field="file") from None
    note = f"Cells were taken to be separated by {SEPARATORS[separator]}."
    return Table(rows, () if separator == "," else (note,))


def read(table: Table, before: dict) -> Reading:
    """Makes of the matrix what the table says, as far as it can be meant."""
    return _Reader(table, deepcopy(before)).reading()


@dataclass
class _Reader:
    table: Table
    after: dict
    mistakes: dict[tuple[int, int], Mistake] = field(default_factory=dict)

    def reading(self) -> Reading:
        header = next((at for at, row in enumerate(self.table.rows) if any(row)), None)
        if header is None:
            raise Invalid("There is nothing in it to read.", field="file")
        self.formulas()
        columns = self.columns(header)
        seen: dict[str, int] = {}
        for at, row in enumerate(self.table.rows[header + 1 :], header + 2):
            if any(row):
                self.unnamed(at, row, self.table.rows[header])
                self.row(at, row, columns, seen)
        if not seen and not self.mistakes:
            raise Invalid("Below its header the table has no rows.", field="file")
        mistakes = tuple(self.mistakes[place] for place in sorted(self.mistakes))
        return Reading(in_order(self.after), self.table.notes, mistakes)

    def wrong(self, row: int, column: int, sentence: str) -> None:
        """Keeps the first mistake of each cell."""
        self.mistakes.setdefault((row, column), Mistake(row, column, sentence))

    def formulas(self) -> None:
        for row, column in self.table.formulas:
            self.wrong(row, column, "This is a formula; write its value as plain text.")

    def columns(self, header: int) -> dict[str, int]:
        """Where each fact and role stands, counted from 0, by its name or code."""
        codes = [role["code"] for role in self.after["roles"]]
        # As written comes first: a role may be called KEY.
        exact = {name: name for name in (*FACTS, *codes)}
        names = {code.casefold(): code for code in codes} | {name: name for name in FACTS}
        titles = {role["title"].casefold(): role["code"] for role in self.after["roles"]}
        found: dict[str, int] = {}
        for at, text in enumerate(self.table.rows[header]):
            text = _plain(text)
            folded = text.casefold()
            name = exact.get(text) or names.get(folded) or titles.get(folded)
            if not text:
                continue
            if name is None:
                self.wrong(
                    header + 1,
                    at + 1,
                    f"This matrix has no role {text[:40]}; it has {', '.join(codes)}.",
                )
            elif name in found:
                self.wrong(header + 1, at + 1, f"There are two columns {name}.")
            else:
                found[name] = at
        if "key" not in found and "activity" not in found:
            raise Invalid(
                "The first row has to name the columns, at least “key” or “activity” and the "
                f"roles ({', '.join(codes)}).",
                field="file",
            )
        return found

    def row(
        self, at: int, row: list[str], columns: dict[str, int], seen: dict[str, int]
    ) -> None:
        named = {
            name: _plain(row[place]) for name, place in columns.items() if place < len(row)
        }
        by = "key" if "key" in columns else "activity"
        activity = self.activity(by, named.get(by, ""))
        place = columns[by] + 1
        if activity is None:
            text = named.get(by, "")[:60]
            self.wrong(
                at,
                place,
                f"This matrix has no activity “{text}”." if text else f"The {by} is missing.",
            )
            return
        if activity["key"] in seen:
            first = seen[activity["key"]]
            self.wrong(at, place, f"Row {first} is about the same activity already.")
            return
        seen[activity["key"]] = at
        self.facts(at, activity, named, columns)
        self.letters(at, activity, named, columns)

    def unnamed(self, at: int, row: list[str], header: list[str]) -> None:
        for place, text in enumerate(row):
            if text and not (place < len(header) and header[place]):
                self.wrong(at, place + 1, f"“{text[:20]}” stands in a column without a name.")

    def activity(self, by: str, text: str) -> dict | None:
        name = "key" if by == "key" else "title"
        for one in self.after["activities"]:
            if one[name].casefold() == text.casefold():
                return one
        return None

    def facts(self, at: int, activity: dict, named: dict, columns: dict[str, int]) -> None:
        changes: dict[str, object] = {}
        if named.get("stage"):
            changes["stage"] = named["stage"]
        if "key" in columns and named.get("activity"):
            changes["title"] = named["activity"]
        if "segregated" in named:
            answer = named["segregated"].casefold()
            if answer in YES | NO:
                changes["segregated"] = answer in YES
            else:
                self.wrong(at, columns["segregated"] + 1, "Write “yes” or “no”.")
        for fact, value in changes.items():
            if activity[fact] == value:
                continue
            column = columns["activity" if fact == "title" else fact]
            try:
                changed = applied(
                    self.after, [ChangeActivity(activity["key"], **{fact: value})]
                )
            except RaciError as refusal:
                self.wrong(at, column + 1, refusal.sentence)
                continue
            [row] = [one for one in changed["activities"] if one["key"] == activity["key"]]
            activity[fact] = row[fact]

    def letters(self, at: int, activity: dict, named: dict, columns: dict[str, int]) -> None:
        naming = naming_of(self.after)
        accountable = ""
        for role in self.after["roles"]:
            code = role["code"]
            if code not in named:
                continue
            text = named[code]
            letters = "" if text in NO_LETTERS else stored(text, naming)
            if letters and letters not in letters_of(naming):
                self.wrong(
                    at,
                    columns[code] + 1,
                    f"“{text[:20]}” for {code} in “{activity['title']}” is not allowed; use "
                    f"{known_letters(naming)}.",
                )
                continue
            if "A" in letters:
                if accountable:
                    self.wrong(
                        at,
                        columns[code] + 1,
                        f"{accountable} is {word('A', naming)} for “{activity['title']}” already; "
                        "keep exactly one.",
                    )
                accountable = accountable or code
            activity["cells"][code] = letters


def _rows(snapshot: dict) -> Iterator[list[str]]:
    codes = [role["code"] for role in snapshot["roles"]]
    naming = naming_of(snapshot)
    yield [*FACTS, *codes]
    for one in snapshot["activities"]:
        facts = [one["stage"], one["key"], one["title"], "yes" if one["segregated"] else "no"]
        letters = [shown(one["cells"].get(code, ""), naming) for code in codes]
        yield [_harmless(text) for text in (*facts, *letters)]


def _harmless(text: str) -> str:
    """Puts an apostrophe before what a spreadsheet would run; `_plain` takes it away again."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def _plain(text: str) -> str:
    text = text.strip()
    guarded = text.startswith("'") and text.lstrip("'").startswith(FORMULA)
    return text[1:] if guarded else text


def _decoded(data: bytes) -> tuple[str, str]:
    """The text, and a sentence where its encoding had to be guessed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16"), ""
    if b"\0" in data[:200]:
        little = data[1:2] == b"\0"
        text = _strictly(data, "utf-16-le" if little else "utf-16-be")
        return text, "The file does not say its encoding; it was read as UTF-16."
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        note = "The file is not in UTF-8, so it was read as Windows-1252; look at letters with accents."
        return _strictly(data, "cp1252"), note


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        sentence = (
            "This is no text: neither UTF-8, UTF-16 nor Windows-1252, and no .xlsx workbook."
        )
        raise Invalid(sentence, field="file") from None


def _separator(text: str) -> str:
    """The one that splits the first line into most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count)


def _bounded(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    """The rows as lists; refuses more rows or columns than any matrix has."""
    kept: list[list[str]] = []
    for row in rows:
        row = [text.strip() for text in row]
        while row and not row[-1]:
            row.pop()
        if len(row) > MAX_COLUMNS:
            raise Invalid(f"A row has more than {MAX_COLUMNS} columns.", field="file")
        kept.append(row)
        if len(kept) > MAX_ROWS:
            raise Invalid(f"The table has more than {MAX_ROWS} rows.", field="file")
    return kept


def _workbook(data: bytes) -> Table:
    try:
        _refuse_bombs(data)
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        cells = [
            list(row) for row in sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1)
        ]
        sheets = len(book.worksheets)
    except Invalid:
        raise
    # The reader of workbooks fails in many ways at what is none; all mean the same here.
    except Exception:
        raise Invalid("This is no .xlsx workbook that can be read.", field="file") from None
    rows = _bounded([_text(cell.value) for cell in row] for row in cells)
    formulas = frozenset(
        (at, place)
        for at, row in enumerate(cells, 1)
        for place, cell in enumerate(row, 1)
        if cell.data_type == "f"
    )
    note = f"The workbook has {sheets} sheets; “{sheet.title}”, the first, was read."
    return Table(rows, (note,) if sheets > 1 else (), formulas)


def _refuse_bombs(data: bytes) -> None:
    """Looks at the sizes that the archive states; no more than these is ever unpacked."""
    parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Invalid(
            f"The workbook unpacks to more than {MAX_UNPACKED:,} bytes or {MAX_PARTS} parts.",
            code="too_large",
            field="file",
        )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
