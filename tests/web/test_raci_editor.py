"""The editor of a matrix without a script: one form, checked, saved whole, refused without loss."""

import pytest

from governance.accounts.models import User
from governance.usecases import services
from governance.usecases.queries import matrix_of
from raci import queries, versions
from raci import services as raci
from raci.edits import AddActivity, AddRole, Edit, RemoveRole, cell_name
from tests.accounts.factories import person

pytestmark = pytest.mark.django_db
PAGE = "/raci/credit/edit/"


@pytest.fixture
def matrix():
    bea = person("bea")
    case = services.open_use_case(
        actor=bea, slug="credit", title="Credit", holders={"BO": [bea], "DS": [person("ada")]}
    )
    return matrix_of(case)


@pytest.fixture
def bea(client, matrix):
    client.force_login(person("bea"))
    return client


def sent(matrix, expected=1, **letters):
    """What a browser sends: every cell; `release_BO="C"` differs from what is saved."""
    form = {"expected": expected, "reason": ""}
    for activity in queries.snapshot(matrix)["activities"]:
        for code in matrix.roles.values_list("code", flat=True):
            form[cell_name(activity["key"], code)] = activity["cells"].get(code, "")
    for place, value in letters.items():
        key, _, code = place.rpartition("_")
        form[cell_name(key, code)] = value
    return form


def drawn(matrix, expected=1, **letters):
    """What a browser sends with the rows and columns, as the page draws them."""
    snapshot = queries.latest_version(matrix).snapshot
    form = sent(matrix, expected, **letters) | {"naming": matrix.naming}
    form |= {f"role:{role['code']}": role["title"] for role in snapshot["roles"]}
    for one in snapshot["activities"]:
        form[f"drawn:{one['key']}"] = form[f"stage:{one['key']}"] = one["stage"]
        form[f"title:{one['key']}"] = one["title"]
        if one["segregated"]:
            form[f"apart:{one['key']}"] = "yes"
    return form


def fields(page):
    """What a browser would send from the page as it stands."""
    form = {"expected": page.context["latest"].number, "naming": page.context["naming"]}
    for role in page.context["roles"]:
        form[f"role:{role['code']}"] = role["title"]
    for stage in page.context["stages"]:
        for row in stage.rows:
            form[f"drawn:{row.key}"] = form[f"stage:{row.key}"] = row.stage
            form[f"title:{row.key}"] = row.title
            if row.segregated:
                form[f"apart:{row.key}"] = "yes"
            form |= {cell.name: cell.letters for cell in row.cells}
    return form


def letters(matrix, key, code):
    return (
        matrix.activities.get(key=key)
        .cells.filter(role__code=code)
        .values_list("letters", flat=True)
        .first()
    )


def test_the_form_holds_every_cell_and_the_version_it_began_on(bea, matrix):
    page = bea.get(PAGE).content.decode()

    assert page.count('<select name="cell:') == 28 * 8
    assert '<input type="hidden" name="expected" value="1">' in page


def test_all_changes_are_saved_as_one_version(bea, matrix):
    form = sent(matrix, release_BO="C", release_SEC="", rollback_MO="R") | {"reason": "Fewer"}

    answer = bea.post(PAGE, form, follow=True)

    version = queries.latest_version(matrix)
    assert (version.number, version.reason, letters(matrix, "release", "BO")) == (
        2,
        "Fewer",
        "C",
    )
    assert "Version 2 saved with 3 changes." in answer.content.decode()


def test_a_new_problem_is_told_and_still_saved(bea, matrix):
    page = bea.post(PAGE, sent(matrix, release_OPS="I"), follow=True).content.decode()

    assert "New problem: Nobody is Accountable for “Release to production”" in page
    assert letters(matrix, "release", "OPS") == "I"


def test_nothing_changed_makes_no_version(bea, matrix):
    assert "Nothing was changed" in bea.post(PAGE, sent(matrix), follow=True).content.decode()
    assert queries.latest_version(matrix).number == 1


def test_who_is_overtaken_is_told_and_loses_nothing(bea, matrix):
    form = sent(matrix, release_BO="C", release_DS="C")
    other = person("root", "administrator")
    raci.revise(matrix, [Edit("release", "BO", "R")], expected=1, actor=other)

    answer = bea.post(PAGE, form)
    page = answer.content.decode()

    assert answer.status_code == 409
    assert "saved version 2 (" in page
    assert "Release to production: BO I → R" in page
    assert '<input type="hidden" name="expected" value="2">' in page
    assert "with your 2 changes on it" in page
    assert (letters(matrix, "release", "BO"), letters(matrix, "release", "DS")) == ("R", "I")

    bea.post(PAGE, sent(matrix, expected=2, release_BO="C", release_DS="C"))
    assert (letters(matrix, "release", "BO"), letters(matrix, "release", "DS")) == ("C", "C")


def test_a_role_that_went_meanwhile_does_not_break_the_page(bea, matrix):
    form = sent(matrix, release_SEC="A", release_BO="C")
    other = person("root", "administrator")
    raci.revise(matrix, [RemoveRole("SEC")], expected=1, actor=other)

    answer = bea.post(PAGE, form)

    assert answer.status_code == 409
    assert "Role SEC (IT security and privacy) removed" in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cell:release:BO": "X"}, "“X” for BO in “Release to production” is not allowed"),
        ({"cell:release:CEO": "A"}, "no role CEO"),
        ({"cell:fly:BO": "A"}, "no activity fly"),
        ({"expected": "nonsense"}, "whole number"),
        ({"expected": "99999999999999999999"}, "less than or equal"),
        ({"expected": "77"}, "has no version 77"),
        ({"reason": "x" * 1001}, "at most 1000"),
    ],
)
def test_bad_input_saves_nothing_and_says_why(bea, matrix, change, words):
    answer = bea.post(PAGE, sent(matrix, rollback_MO="R") | change)

    assert answer.status_code in (409, 422)
    assert words in answer.content.decode()
    assert queries.latest_version(matrix).number == 1


def test_check_only_shows_the_problems_and_saves_nothing(bea, matrix):
    answer = bea.post(PAGE, sent(matrix, release_OPS="I") | {"check": "yes"})

    assert answer.status_code == 200
    assert "Nobody is Accountable for “Release to production”" in answer.content.decode()
    assert queries.latest_version(matrix).number == 1


def test_the_check_while_typing_answers_with_rules_and_advice_at_their_rows(bea, matrix):
    form = sent(matrix, release_OPS="X", release_BO="R", release_MO="R", release_DS="R")

    page = bea.post(f"{PAGE}check/", form | {"cell:release:DE": "R"}).content.decode()

    at_row = 'id="why-release" data-wrong="OPS" hx-swap-oob="true"><p>Nobody is Accountable'
    assert at_row in page
    assert "“X” for OPS in “Release to production” is not allowed" in page
    assert "5 roles are Responsible for “Release to production”" in page
    assert queries.latest_version(matrix).number == 1


def test_who_may_only_read_may_not_edit(client, matrix):
    client.force_login(person("ada"))

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, sent(matrix, release_BO="C")).status_code == 403
    assert "Edit the matrix" not in client.get("/raci/credit/").content.decode()


def test_versions_say_who_changed_what_and_lead_back(bea, matrix):
    bea.post(PAGE, sent(matrix, release_BO="C") | {"reason": "She asked"})

    listed = bea.get("/raci/credit/versions/").content.decode()
    shown = bea.get("/raci/credit/versions/1/").content.decode()
    assert "Release to production: BO I → C" in listed
    assert "She asked" in listed
    assert "Restore this version" in shown

    answer = bea.post("/raci/credit/versions/1/restore/", {"expected": 2}, follow=True)
    assert "Version 3 is as version 1 was." in answer.content.decode()
    assert letters(matrix, "release", "BO") == "I"


def test_any_two_versions_can_be_compared(bea, matrix):
    bea.post(PAGE, sent(matrix, release_BO="C"))
    bea.post(PAGE, sent(matrix, expected=2, rollback_MO="R"))

    page = bea.get("/raci/credit/versions/3/?against=1").content.decode()

    assert "What changed against version 1" in page
    assert "Release to production: BO I → C" in page
    assert "Roll back: MO C → R" in page


@pytest.mark.parametrize("form", [{}, {"expected": "x"}])
def test_restoring_needs_the_version_one_saw(bea, matrix, form):
    assert bea.post("/raci/credit/versions/1/restore/", form).status_code == 422


def test_restoring_on_an_old_page_is_refused(bea, matrix):
    bea.post(PAGE, sent(matrix, release_BO="C"))

    assert bea.post("/raci/credit/versions/1/restore/", {"expected": 1}).status_code == 409


def test_what_is_drawn_and_not_touched_changes_nothing(bea, matrix):
    assert "Nothing was changed" in bea.post(PAGE, drawn(matrix), follow=True).content.decode()


def test_rows_columns_and_letters_become_one_version(bea, matrix):
    form = drawn(matrix) | {"new_code": "dpo", "new_role": "Data protection officer"}
    page = bea.post(PAGE, form | {"act": "add-role"})
    form = fields(page) | {"new_activity": "Tell the works council", "new_stage": "release"}
    page = bea.post(PAGE, form | {"act": "add-activity"})
    page = bea.post(PAGE, fields(page) | {"act": "role-away SEC"})
    page = bea.post(PAGE, fields(page) | {"act": "activity-away rollback"})
    assert queries.latest_version(matrix).number == 1
    assert "5 unsaved" not in page.content.decode()
    form = fields(page) | {
        "cell:tell_the_works_council:DPO": "A/R",
        "role:BO": "Head of credit",
        "apart:release": "yes",
        "reason": "The council asked",
    }

    bea.post(PAGE, form)

    latest = queries.latest_version(matrix)
    assert latest.number == 2
    assert versions.changes(matrix.versions.get(number=1).snapshot, latest.snapshot) == [
        "Role SEC (IT security and privacy) removed",
        "Activity “Roll back” removed (BO I, DS I, MO C, RV I, MLE R, OPS A/R, SEC I)",
        "Role BO: “Business owner” is now “Head of credit”",
        "Role DPO (Data protection officer) added",
        "Activity “Release to production” keeps duties apart",
        "Activity “Tell the works council” added to release",
        "Tell the works council: DPO no part → A/R",
    ]
    keys = [one["key"] for one in latest.snapshot["activities"] if one["stage"] == "release"]
    assert keys[-1] == "tell_the_works_council"


def test_rows_and_columns_are_moved_and_put_back(bea, matrix):
    page = bea.post(PAGE, drawn(matrix) | {"act": "role-right BO"})
    assert [role["code"] for role in page.context["roles"]][:2] == ["MO", "BO"]
    page = bea.post(PAGE, fields(page) | {"act": "role-away BO"})
    assert "Put back" in page.content.decode()
    page = bea.post(PAGE, fields(page) | {"act": "role-back BO"})
    page = bea.post(PAGE, fields(page) | {"act": "activity-away release"})
    page = bea.post(PAGE, fields(page) | {"act": "activity-back release"})

    assert "Nothing was changed" in bea.post(PAGE, fields(page), follow=True).content.decode()


def test_an_activity_goes_to_the_stage_that_is_written(bea, matrix):
    bea.post(PAGE, drawn(matrix) | {"stage:release": "scoping"})

    rows = queries.latest_version(matrix).snapshot["activities"]
    stages = [one["stage"] for one in rows]
    assert [one["key"] for one in rows if one["stage"] == "scoping"][-1] == "release"
    assert stages == sorted(stages, key=stages.index)


def test_the_naming_is_drawn_and_saved_with_its_letters(bea, matrix):
    page = bea.post(PAGE, drawn(matrix) | {"naming": "daci", "act": "draw"})
    text = page.content.decode()
    assert 'label="A/D">Approver and Driver</option>' in text
    assert "drives it" in text
    page = bea.post(PAGE, fields(page) | {"naming": "rasci", "act": "draw"})
    form = fields(page) | {"cell:release:SEC": "S"}
    bea.post(PAGE, form)

    matrix.refresh_from_db()
    assert (matrix.naming, letters(matrix, "release", "SEC")) == ("rasci", "S")
    shown = bea.get("/raci/credit/").content.decode()
    assert '<abbr class="raci raci-S" title="Supports">S</abbr>' in shown

    refused = bea.post(PAGE, drawn(matrix, 2) | {"naming": "daci"})
    assert refused.status_code == 409
    assert "Somebody Supports “Release to production”" in refused.content.decode()


def test_the_ten_components_become_rows(bea, matrix):
    page = bea.post(PAGE, drawn(matrix) | {"act": "components"})
    bea.post(PAGE, fields(page))

    assert matrix.activities.filter(stage="components").count() == 10
    assert queries.latest_version(matrix).number == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"act": "add-role", "new_code": "b o", "new_role": "X"}, "no code for a role"),
        ({"act": "add-role", "new_code": "BO", "new_role": "X"}, "a role BO already"),
        ({"act": "add-role", "new_code": "", "new_role": "X"}, "no code for a role"),
        ({"act": "add-activity", "new_activity": "", "new_stage": "x"}, "title of an activity"),
        ({"act": "add-activity", "new_activity": "X", "new_stage": ""}, "stage is missing"),
        ({"act": "explode"}, "knows no act"),
        ({"role:BO": " "}, "The title of BO is missing"),
        ({"title:release": ""}, "The title of release is missing"),
        ({"role:BO": "x" * 101}, "at most 100 characters"),
        ({"role:b o": "X"}, "no code for a role"),
        ({"title:Bad Key": "X"}, "no key for an activity"),
        ({"naming": "xyz"}, "Select a valid choice"),
        ({"role:BO": "X", "act": "role-left"}, "no role"),
    ],
)
def test_a_bad_row_or_column_is_a_sentence_and_saves_nothing(bea, matrix, change, words):
    answer = bea.post(PAGE, drawn(matrix) | change)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert queries.latest_version(matrix).number == 1


def test_a_role_that_people_hold_is_not_taken_away(bea, matrix):
    page = bea.post(PAGE, drawn(matrix) | {"act": "role-away DS"})

    refused = bea.post(PAGE, fields(page))

    assert refused.status_code == 409
    assert "Ada holds DS; take them out of the role" in refused.content.decode()


def test_the_largest_matrix_fits_into_the_form(bea, matrix):
    roles = [f"R{number}" for number in range(8)]
    rows = [f"a{number}" for number in range(32)]
    edits = [
        *(AddRole(code, code) for code in roles),
        *(AddActivity(key, key, "more") for key in rows),
        *(Edit(key, code, "C") for key in rows for code in roles),
    ]
    raci.revise(matrix, edits, expected=1, actor=User.objects.get(username="bea"))

    page = bea.get(PAGE)
    saved = bea.post(PAGE, fields(page) | {"cell:a31:R7": "A/R"})

    assert saved.status_code == 302
    assert letters(matrix, "a31", "R7") == "A/R"


def test_an_administrator_lets_new_use_cases_begin_with_a_version(client, bea, matrix):
    assert "Begin new use cases" not in bea.get("/raci/credit/versions/1/").content.decode()
    client.force_login(person("root", "administrator"))
    assert "Begin new use cases" in client.get("/raci/credit/versions/1/").content.decode()

    page = client.post("/raci/credit/versions/1/default/", follow=True).content.decode()
    assert "New use cases begin with version 1" in page
    assert page.index("own matrix") < page.index("Default here")
    assert "own matrix" in client.get("/use-cases/open/").content.decode()

    page = client.post("/raci-default/end/", follow=True).content.decode()
    assert page.index("Whole life cycle") < page.index("Default here")
