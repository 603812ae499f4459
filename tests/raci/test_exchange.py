"""A matrix goes out as a table and comes back the same; what a file cannot mean is told at the cell."""

import io
import zipfile
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from raci import exchange
from raci.edits import ACTIVITY_KEY, ROLE_CODE, in_order
from raci.errors import Invalid
from raci.exchange import as_csv, as_xlsx, pasted, read, table_of
from raci.naming import NAMINGS, letters_of
from raci.templates import ours

words = (
    st.text(st.characters(blacklist_categories=("C", "Zl", "Zp")), min_size=1, max_size=30)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and text.isprintable())
)
titles = st.one_of(
    words, words.map(lambda text: f"={text}"), words.map(lambda text: f"'@{text}")
)


@st.composite
def matrices(draw):
    """Any matrix with at most one Accountable in each row."""
    naming = draw(st.sampled_from(NAMINGS))
    codes = draw(
        st.lists(st.from_regex(ROLE_CODE, fullmatch=True), min_size=1, max_size=5, unique=True)
    )
    keys = draw(
        st.lists(
            st.from_regex(ACTIVITY_KEY, fullmatch=True), min_size=1, max_size=6, unique=True
        )
    )
    minor = [one for one in letters_of(naming) if "A" not in one]
    rows = []
    for key in keys:
        cells = {code: draw(st.sampled_from(["", *minor])) for code in codes}
        if draw(st.booleans()):
            cells[draw(st.sampled_from(codes))] = draw(st.sampled_from(["A", "A/R"]))
        rows.append(
            {
                "key": key,
                "stage": draw(words),
                "title": draw(titles),
                "segregated": draw(st.booleans()),
                "cells": cells,
            }
        )
    roles = [{"code": code, "title": draw(words)} for code in codes]
    named = {} if naming == "raci" else {"naming": naming}
    return in_order({"roles": roles, "activities": rows} | named)


def emptied(snapshot):
    """The same rows and roles with other words and without letters."""
    bare = deepcopy(snapshot)
    for number, one in enumerate(bare["activities"]):
        one |= {"title": f"T{number}", "stage": "s", "segregated": False, "cells": {}}
    return bare


@given(matrices())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_matrix_comes_back_from_csv(matrix):
    assert read(table_of(as_csv(matrix)), emptied(matrix)).or_refused() == matrix


@given(matrices())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_matrix_comes_back_from_a_workbook(matrix):
    assert read(table_of(as_xlsx(matrix)), emptied(matrix)).or_refused() == matrix


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\3\4", b"key,BO\n", b"\xff\xfe"]))
@settings(deadline=None, max_examples=100)
def test_whatever_is_sent_is_read_or_refused(data, head):
    try:
        read(table_of(head + data), SMALL)
    except Invalid as refusal:
        assert refusal.sentence


SMALL = {
    "roles": [
        {"code": "BO", "title": "Business owner"},
        {"code": "DS", "title": "Data scientist"},
    ],
    "activities": [
        {"key": "train", "stage": "work", "title": "Train für alle", "segregated": False,
         "cells": {"BO": "A", "DS": "R"}},
        {"key": "release", "stage": "work", "title": "Release", "segregated": True,
         "cells": {"BO": "A", "DS": "R"}},
    ],
}  # fmt: skip


def letters(after):
    return [one["cells"] for one in after["activities"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_separators_and_encodings_are_found_out(separator, encoding):
    rows = [["key", "activity", "BO", "DS"], ["train", "Für alle üben", "c", "r/a"]]
    text = "\r\n".join(separator.join(row) for row in rows)

    reading = read(table_of(text.encode(encoding)), SMALL)

    assert reading.or_refused()["activities"][0]["title"] == "Für alle üben"
    assert letters(reading.after)[0] == {"BO": "C", "DS": "A/R"}
    guessed = [note for note in reading.notes if "read as" in note]
    assert len(guessed) == (encoding in ("utf-16-le", "cp1252"))


def test_cells_copied_from_a_spreadsheet_are_found_by_their_titles():
    reading = read(pasted("Activity\tData scientist\nrelease\tC\n"), SMALL)

    assert letters(reading.or_refused()) == [{"BO": "A", "DS": "R"}, {"BO": "A", "DS": "C"}]


def test_what_is_left_out_stays_and_a_dash_takes_away():
    after = read(pasted("key,DS\nrelease,-\n"), SMALL).or_refused()

    assert letters(after) == [{"BO": "A", "DS": "R"}, {"BO": "A"}]


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("key,BO,DS\ntrain,A,A/R", ["C2: BO is Accountable for “Train für alle” already; keep exactly one."]),
        ("key,BO\ntrain,X", ["B2: “X” for BO in “Train für alle” is not allowed; use R, A, C, I or A/R."]),
        ("key,BO\ntrain,S", ["B2: “S” for BO in “Train für alle” is not allowed; use R, A, C, I or A/R."]),
        ("key,CEO\ntrain,A", ["B1: This matrix has no role CEO; it has BO, DS."]),
        ("key,BO\nfly,A", ["A2: This matrix has no activity “fly”."]),
        ("key,BO\n,A", ["A2: The key is missing."]),
        ("key,BO\ntrain,A\n\ntrain,C", ["A4: Row 2 is about the same activity already."]),
        ("key,BO,BO\ntrain,A,A", ["C1: There are two columns BO."]),
        ("key,BO\ntrain,A,R", ["C2: “R” stands in a column without a name."]),
        ("key,segregated\ntrain,perhaps", ["B2: Write “yes” or “no”."]),
        (
            f"key,activity\ntrain,{'x' * 201}",
            ["B2: The title of an activity is one line of at most 200 characters."],
        ),
        (
            "key,BO,DS\ntrain,X,Y\nfly,A,R",
            [
                "B2: “X” for BO in “Train für alle” is not allowed; use R, A, C, I or A/R.",
                "C2: “Y” for DS in “Train für alle” is not allowed; use R, A, C, I or A/R.",
                "A3: This matrix has no activity “fly”.",
            ],
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_cell(text, mistakes):
    reading = read(pasted(text), SMALL)

    assert [str(one) for one in reading.mistakes] == mistakes
    with pytest.raises(Invalid, match="nothing was changed") as refused:
        reading.or_refused()
    assert list(refused.value.reasons) == mistakes


def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"0" * 30_000_000)
    return packed.getvalue()


def archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("notes.txt", "no workbook")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "nothing in it"),
        (b"\n,,\n", "nothing in it"),
        (b"key,BO\n", "no rows"),
        (b"What,Who\ntrain,BO\n", "The first row has to name the columns"),
        (b"x" * 30_000_000, "30,000,000 bytes"),
        (b"key,BO\n" + b"\n" * 300, "more than 240 rows"),
        (b"key" + b",BO" * 300 + b"\n", "more than 80 columns"),
        (b"key,BO\n" + b'"' + b"x" * 200_000, "cannot be read as a table"),
        (b"PK\x03\x04 no zip", "no .xlsx workbook"),
        (archive(), "no .xlsx workbook"),
        (bomb(), "unpacks to more than"),
        (b"\xd0\xcf\x11\xe0old", "old .xls"),
        (b"\x81\x8d\x8f", "neither UTF-8, UTF-16 nor Windows-1252"),
        (b"\xff\xfe\x00", "neither UTF-8, UTF-16 nor Windows-1252"),
    ],
    # not of the data: an archive carries the time it was made
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_matrix_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(Invalid) as refused:
        read(table_of(data), SMALL)

    assert sentence in refused.value.sentence


def test_a_formula_in_a_workbook_is_not_evaluated():
    book = Workbook()
    book.active.append(["key", "BO"])
    book.active.append(["train", '=IF(TRUE,"A","R")'])
    written = io.BytesIO()
    book.save(written)

    reading = read(table_of(written.getvalue()), SMALL)

    assert str(reading.mistakes[0]) == "B2: This is a formula; write its value as plain text."


def test_nothing_that_goes_out_would_run_in_a_spreadsheet():
    risky = deepcopy(SMALL)
    risky["activities"][0]["title"] = '=HYPERLINK("http://x")'
    risky["activities"][1]["title"] = "@SUM(1)"

    sheet = load_workbook(io.BytesIO(as_xlsx(risky))).active
    texts = [row[2] for row in exchange.table_of(as_csv(risky)).rows]

    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["C2"].value == texts[1] == '\'=HYPERLINK("http://x")'
    assert texts[2] == "'@SUM(1)"


def test_a_daci_matrix_is_written_with_a_d():
    daci = SMALL | {"naming": "daci"}

    rows = table_of(as_csv(daci)).rows

    assert rows[1][4:] == ["A", "D"]
    assert letters(read(pasted("key,DS\ntrain,A/D"), emptied(daci)).after)[0] == {"DS": "A/R"}


@pytest.mark.parametrize("key", ours())
def test_our_templates_come_back_unchanged(key):
    snapshot = ours()[key].snapshot

    assert read(table_of(as_csv(snapshot)), snapshot).or_refused() == snapshot
