"""A matrix is downloaded, worked on in a spreadsheet, shown against what there is, and saved."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.accounts.models import User
from governance.usecases import services
from raci import queries
from raci import services as raci
from raci.edits import Edit
from raci.models import Matrix
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db
IMPORT = "/raci/credit/import/"


@pytest.fixture
def bea(client):
    services.open_use_case(actor=person("bea"), slug="credit", title="Credit")
    client.force_login(person("bea"))
    return client


def letters(key, code):
    matrix = Matrix.objects.get()
    return matrix.activities.get(key=key).cells.get(role__code=code).letters


def test_a_downloaded_workbook_changes_nothing(bea):
    data = bea.get("/raci/credit.xlsx").content

    shown = bea.post(IMPORT, {"file": SimpleUploadedFile("raci.xlsx", data)})

    assert shown.status_code == 200
    assert "Nothing would change" in shown.content.decode()


def test_pasted_cells_are_shown_and_then_saved(bea):
    shown = bea.post(IMPORT, {"text": "Activity\tBO\tOPS\nRelease to production\tC\tI\n"})

    page = shown.content.decode()
    assert "Release to production: BO I → C" in page
    assert "Nobody is Accountable for “Release to production”" in page
    assert "separated by tabs" in page
    assert letters("release", "BO") == "I"

    saved = bea.post(IMPORT, shown.context["save"].initial | {"reason": "From the meeting"})

    assert saved.headers["Location"] == "/raci/credit/"
    assert letters("release", "BO") == "C"
    latest = queries.latest_version(Matrix.objects.get())
    assert (latest.number, latest.reason) == (2, "From the meeting")


def test_a_mistake_stands_at_its_cell_and_nothing_is_saved(bea):
    shown = bea.post(IMPORT, {"text": "key,BO,OPS\nrelease,A,A\nrollback,C,X\n"})

    page = shown.content.decode()
    assert shown.status_code == 422
    assert "2 cells cannot be read, so nothing was changed" in page
    assert '<td class="table-warning">A<div class="text-danger small">BO is Accountable' in page
    assert Matrix.objects.get().versions.count() == 1


def test_a_row_that_is_unsound_elsewhere_does_not_stand_in_the_way(bea):
    two = [Edit("rollback", "BO", "A")]
    raci.revise(Matrix.objects.get(), two, expected=1, actor=User.objects.get(username="bea"))

    shown = bea.post(IMPORT, {"text": "key,BO\nrelease,C\n"})
    saved = bea.post(IMPORT, shown.context["save"].initial)

    assert saved.status_code == 302
    assert letters("release", "BO") == "C"


def test_who_saves_second_is_told_and_overwrites_nothing(bea):
    shown = bea.post(IMPORT, {"text": "key,BO\nrelease,C\n"})
    rui = person("rui")
    rui.is_superuser = True
    rui.save()
    raci.revise(Matrix.objects.get(), [Edit("rollback", "BO", "C")], expected=1, actor=rui)

    refused = bea.post(IMPORT, shown.context["save"].initial)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "saved version 2" in page
    assert "Roll back: BO I → C" in page
    assert letters("release", "BO") == "I"
    assert letters("rollback", "BO") == "C"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose a file or paste the cells"),
        ({"text": "key,BO\nrelease,C", "file": b"key,BO\n"}, "one of the two"),
        ({"file": b"x" * 30_000_000}, "30,000,000 bytes; a matrix has at most"),
        ({"file": b"PK\x03\x04 no zip"}, "no .xlsx workbook"),
        ({"file": b"\x81\x8d"}, "neither UTF-8"),
        ({"text": "nothing here"}, "has to name the columns"),
        ({"expected": "x", "text": "key,BO\nrelease,C"}, "Enter a whole number"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_a_sentence(bea, fields, sentence):
    if "file" in fields:
        fields = fields | {"file": SimpleUploadedFile("raci.csv", fields["file"])}

    refused = bea.post(IMPORT, fields)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()


def test_the_pages_take_few_queries(bea, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        bea.get("/raci/credit.csv")
    with django_assert_max_num_queries(15):
        bea.post(IMPORT, {"text": "key,BO\nrelease,C\n"})


def test_a_use_case_is_opened_with_the_chosen_template(bea):
    body = {
        "title": "Chat", "need": "Answer", "tier": "1", "positive_meaning": "wrong",
        "favourable_outcome": "negative", "cost_false_positive": "1",
        "cost_false_negative": "1", "template": "small_team",
    }  # fmt: skip

    assert "Language-model application" in bea.get("/use-cases/open/").content.decode()
    bea.post("/use-cases/open/", body)

    assert Matrix.objects.get(scope="use-case:chat").roles.count() == 4
