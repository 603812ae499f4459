"""The matrix over REST: read with its rules, revised against a version, taken out and in as a table."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from governance.usecases import services
from raci.exchange import MAX_BYTES
from raci.templates import ours
from tests.accounts.factories import person
from tests.api.clients import V1, bearing

pytestmark = pytest.mark.django_db
RACI = f"{V1}use-cases/credit/raci/"


@pytest.fixture
def bea():
    services.open_use_case(actor=person("bea"), slug="credit", title="Credit")
    return bearing(person("bea"))


def cells(client, key):
    lines = client.get(RACI).json()["activities"]
    return next(one["cells"] for one in lines if one["key"] == key)


def test_the_matrix_says_its_version_and_what_is_wrong(bea):
    body = {"expected": 1, "cells": [{"activity": "release", "role": "OPS", "letters": "I"}]}

    answer = bea.patch(RACI, body).json()

    assert (answer["version"], answer["naming"]) == (2, "raci")
    assert answer["letters"]["A"] == "Accountable"
    assert answer["problems"] == [
        {
            "code": "R1",
            "severity": "error",
            "sentence": "Nobody is Accountable for “Release to production”; name exactly one role.",
            "activity": "release",
            "role": "",
        }
    ]
    assert {"code": "R9", "role": "SEC"}.items() <= answer["advice"][-1].items()


def test_who_comes_second_is_told_what_changed(bea):
    body = {"expected": 1, "cells": [{"activity": "release", "role": "BO", "letters": "C"}]}
    bea.patch(RACI, body)

    refused = bea.patch(RACI, body | {"reason": "again"})

    assert (refused.status_code, refused.json()["code"]) == (409, "overtaken")
    assert refused.json()["reasons"] == ["Release to production: BO I → C"]


@pytest.mark.parametrize(
    ("cell", "field"),
    [
        ({"activity": "release", "role": "BO", "letters": "X"}, "cell:release:BO"),
        ({"activity": "release", "role": "CEO", "letters": "A"}, "cell:release:CEO"),
        ({"activity": "fly", "role": "BO", "letters": "A"}, "cell:fly:BO"),
        ({"activity": "release", "role": "BO", "letters": "S"}, "cell:release:BO"),
    ],
)
def test_a_cell_that_cannot_be_is_named(bea, cell, field):
    refused = bea.patch(RACI, {"expected": 1, "cells": [cell]})

    assert (refused.status_code, refused.json()["field"]) == (422, field)


def test_a_rasci_matrix_has_an_s(bea):
    cell = {"activity": "release", "role": "SEC", "letters": "s"}

    answer = bea.patch(RACI, {"expected": 1, "naming": "rasci", "cells": [cell]})

    assert answer.json()["letters"]["S"] == "Supports"
    assert cells(bea, "release")["SEC"] == "S"


def test_a_whole_matrix_is_put_in_its_place(bea):
    whole = ours()["small_team"].snapshot

    answer = bea.put(RACI, {"expected": 1, "matrix": whole, "reason": "We are few"})

    assert [one["code"] for one in answer.json()["roles"]] == ["BO", "MO", "DS", "RV"]
    version = bea.get(f"{RACI}versions/2/").json()
    assert (version["matrix"], version["reason"]) == (whole, "We are few")
    assert "Role SEC (IT security and privacy) removed" in version["changes"]


@pytest.mark.parametrize(
    ("matrix", "sentence"),
    [
        ({}, "'activities' is missing"),
        ({"roles": 1, "activities": []}, "not iterable"),
        ({"roles": [{"code": "bo", "title": "B"}], "activities": []}, "no code for a role"),
        ({"roles": [], "activities": [], "naming": "vary"}, "no naming of letters"),
        ({"roles": [{"code": "BO", "title": 1}], "activities": []}, "title has to be text"),
    ],
)
def test_a_document_that_is_no_matrix_is_refused(bea, matrix, sentence):
    refused = bea.put(RACI, {"expected": 1, "matrix": matrix})

    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]


def test_the_table_goes_out_and_comes_back(bea):
    table = bea.get(f"{RACI}csv/").content.decode("utf-8-sig")
    changed = table.replace("Release to production,no,I,", "Release to production,no,C,")

    preview = bea.post(f"{RACI}imports/", {"expected": 1, "text": changed, "preview": True})
    saved = bea.post(f"{RACI}imports/", {"expected": 1, "text": changed})
    late = bea.post(f"{RACI}imports/", {"expected": 1, "text": table})

    assert preview.json()["changes"] == ["Release to production: BO I → C"]
    assert (preview.json()["version"], saved.json()["version"]) == (1, 2)
    assert cells(bea, "release")["BO"] == "C"
    assert late.status_code == 409


def test_a_workbook_goes_out_and_comes_back(bea):
    book = load_workbook(BytesIO(bea.get(f"{RACI}xlsx/").content))
    sheet = book.active
    column = [cell.value for cell in sheet[1]].index("BO") + 1
    [row] = [line[0].row for line in sheet.iter_rows() if line[1].value == "release"]
    sheet.cell(row, column).value = "C"
    written = BytesIO()
    book.save(written)

    def sent(**fields):
        file = SimpleUploadedFile("raci.xlsx", written.getvalue())
        return bea.post(
            f"{RACI}imports/", {"expected": 1, "file": file, **fields}, format="multipart"
        )

    preview, saved = sent(preview="true"), sent(reason="From the meeting")

    assert preview.json()["changes"] == ["Release to production: BO I → C"]
    assert (preview.json()["version"], saved.json()["version"]) == (1, 2)
    assert cells(bea, "release")["BO"] == "C"
    assert sent().status_code == 409


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (b"PK\x03\x04 no zip", 422, "no .xlsx workbook"),
        (b"", 422, "nothing in it to read"),
        ("key;BO\nrelease;Ä".encode("cp1252"), 422, "cannot be read"),
        (b"x" * (MAX_BYTES + 1), 413, "a matrix has at most"),
        (b"x" * (MAX_BYTES + 2_000_000), 413, "are read here"),
    ],
    ids=["no zip", "empty", "letter", "large", "larger"],
)
def test_a_file_that_is_no_table_is_a_sentence(bea, data, status, sentence):
    body = {"expected": 1, "file": SimpleUploadedFile("raci.csv", data)}

    refused = bea.post(f"{RACI}imports/", body, format="multipart")

    assert refused.status_code == status
    assert sentence in refused.json()["detail"]
    assert bea.get(RACI).json()["version"] == 1


def test_only_a_table_comes_as_a_form(bea):
    assert bea.patch(RACI, {"expected": 1}, format="multipart").status_code == 415


def test_a_version_is_restored_as_a_new_one(bea):
    cell = {"activity": "release", "role": "BO", "letters": "C"}
    bea.patch(RACI, {"expected": 1, "cells": [cell]})
    restore = f"{RACI}versions/1/restore/"

    late = bea.post(restore, {"expected": 1})
    restored = bea.post(restore, {"expected": 2, "reason": "Too early"}).json()

    assert late.status_code == 409
    assert (restored["number"], restored["reason"]) == (3, "Too early")
    assert restored["changes"] == ["Release to production: BO C → I"]
    assert bea.post(restore, {}).status_code == 400
    assert bea.post(f"{RACI}versions/9/restore/", {"expected": 3}).status_code == 404


def test_a_table_with_a_bad_cell_changes_nothing(bea):
    text = "key,BO,OPS\nrelease,A,A\nrollback,C,X\n"

    refused = bea.post(f"{RACI}imports/", {"expected": 1, "text": text})

    assert refused.status_code == 422
    assert [one[:2] for one in refused.json()["reasons"]] == ["C2", "C3"]
    assert bea.get(RACI).json()["version"] == 1


def test_the_components_become_rows(bea):
    answer = bea.post(f"{RACI}components/", {"expected": 1}).json()

    owned = [one for one in answer["activities"] if one["stage"] == "components"]
    assert len(owned) == 10
    assert answer["problems"] == []


def test_a_use_case_starts_from_the_template_that_was_chosen(bea):
    body = {"title": "Chat", "slug": "chat", "template": "language_model"}

    assert bea.post(f"{V1}use-cases/", body).status_code == 201
    grid = bea.get(f"{V1}use-cases/chat/raci/").json()
    assert "DOM" in [one["code"] for one in grid["roles"]]
    refused = bea.post(f"{V1}use-cases/", body | {"slug": "c", "template": "none"})
    assert (refused.status_code, refused.json()["field"]) == (422, "template")


def test_every_template_is_of_the_form_of_the_schema(bea):
    schema = bea.get(f"{V1}raci/schema/").json()
    found = bea.get(f"{V1}raci/templates/").json()["results"]

    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert found[0]["key"] == "default"
    for one in found:
        validator.validate(one["matrix"])
    assert not validator.is_valid({"roles": [{"code": "bo", "title": "B"}], "activities": []})
