"""A whole matrix edited without a mouse: letters, undo, save; and a second person who is told."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser

MATRIX = "/raci/flight-delays/"
CELLS = "td[role=gridcell]"
NAMES = "(selects) => selects.map((one) => one.name)"


def test_a_matrix_is_filled_and_saved_by_keyboard(people):
    bea = people.page_of("bea")
    bea.goto(f"{MATRIX}edit/")
    rows = bea.locator("tr[data-activity]").count()
    before = letters_of(bea)

    bea.locator(CELLS).first.focus()
    bea.keyboard.press("Control+End")
    bea.keyboard.press("Control+Home")
    bea.keyboard.press("End")
    filled = 0
    for _ in range(rows):
        if not focused(bea).inner_text().strip():
            bea.keyboard.press("i")
            filled += 1
        bea.keyboard.press("ArrowDown")
    expect(bea.locator("[data-unsaved]")).to_have_text(f"{filled} unsaved")
    bea.keyboard.press("Control+z")
    expect(bea.locator("[data-unsaved]")).to_have_text(f"{filled - 1} unsaved")
    bea.keyboard.press("Control+y")
    expect(bea.locator("#checked")).not_to_be_empty()
    assert violations(bea) == []

    with bea.expect_navigation():
        bea.keyboard.press("Control+s")

    bea.goto(f"{MATRIX}edit/")
    after = letters_of(bea)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("", "I")] * filled
    assert filled > 0


def test_both_letters_are_two_keys_and_escape_takes_back(people):
    bea = people.page_of("bea")
    bea.goto(f"{MATRIX}edit/")
    cell = bea.locator(CELLS).first
    was = cell.inner_text().strip()

    cell.focus()
    bea.keyboard.press("c")
    assert cell.inner_text().strip() == "C"
    bea.keyboard.press("a")
    bea.keyboard.press("r")
    assert cell.inner_text().strip() == "A/R"
    bea.keyboard.press("Delete")
    assert cell.inner_text().strip() == ""
    bea.keyboard.press("Escape")

    assert cell.inner_text().strip() == was
    expect(bea.locator("[data-unsaved]")).to_have_text("Nothing unsaved")


def test_who_saves_second_is_told_and_loses_nothing(people):
    bea, root = people.page_of("bea"), people.page_of("root")
    for page in (bea, root):
        page.goto(f"{MATRIX}edit/")
    turn(root, "prepare_data", "BO")
    turn(bea, "prepare_data", "RV")
    with root.expect_navigation():
        root.keyboard.press("Control+s")

    with bea.expect_navigation():
        bea.keyboard.press("Control+s")

    people.forgive("409")
    told = bea.get_by_role("alert").first
    expect(told).to_contain_text("Not saved. Your changes are still here.")
    expect(told).to_contain_text("Robin Root")
    expect(bea.locator("[data-unsaved]")).to_have_text("1 unsaved")


def test_forty_rows_and_twelve_columns_fit_a_laptop_and_a_phone(people):
    bea = people.page_of("bea", viewport={"width": 1366, "height": 768})
    wide_matrix(bea)
    bea.goto("/raci/wide/edit/")
    cells = bea.locator(CELLS)
    assert cells.count() == 40 * 12
    assert not scrolls_sideways(bea)
    assert bea.locator(".raci-scroll").evaluate("(box) => box.scrollWidth <= box.clientWidth")

    cells.first.focus()
    bea.keyboard.press("Control+End")
    corner = focused(bea)
    assert in_sight(corner)
    head = bea.locator("th", has_text="R3").last
    assert head.bounding_box()["y"] < corner.bounding_box()["y"]
    bea.keyboard.press("a")
    bea.keyboard.press("ArrowLeft")
    bea.keyboard.press("a")
    expect(bea.locator("#why-new_11 p").first).to_contain_text("2 roles are Accountable")
    assert sorted(bea.locator("td.raci-wrong select").evaluate_all(NAMES)) == [
        "cell:new_11:R2",
        "cell:new_11:R3",
    ]
    expect(bea.locator("[data-here]")).to_contain_text("keep exactly one")
    bea.keyboard.press("Control+z")
    expect(bea.locator("[data-unsaved]")).to_have_text("1 unsaved")
    assert violations(bea) == []
    with bea.expect_navigation():
        bea.keyboard.press("Control+s")
    bea.goto("/raci/wide/edit/")
    assert letters_of(bea)[-2:] == ["", "A"]

    phone = people.page_of("bea", viewport={"width": 390, "height": 844})
    for address in ("/raci/wide/", "/raci/wide/edit/"):
        phone.goto(address)
        assert not scrolls_sideways(phone)
    phone.locator(CELLS).last.focus()
    row = phone.locator("tr[data-activity]").last.locator("th")
    assert in_sight(row)
    assert in_sight(focused(phone))


def test_rows_and_columns_are_added_by_keyboard_and_saved_with_letters(people):
    bea = people.page_of("bea")
    bea.goto(f"{MATRIX}edit/")
    bea.locator("#shape summary").press("Enter")
    bea.get_by_label("Stage of a new activity").fill("data")
    bea.get_by_label("Title of a new activity").fill("Label the flights")
    bea.keyboard.press("Enter")
    expect(bea.locator("tr[data-activity=label_the_flights]")).to_be_visible()
    bea.get_by_label("Code of a new role").fill("LAB")
    bea.get_by_label("Title of a new role").fill("Labelling")
    bea.keyboard.press("Enter")
    select = bea.locator("select[name='cell:label_the_flights:LAB']")
    bea.locator(CELLS).filter(has=select).focus()
    bea.keyboard.press("b")
    expect(bea.locator("[data-unsaved]")).to_have_text("3 unsaved")
    expect(bea.locator("#why-label_the_flights")).to_have_text("")
    assert violations(bea) == []

    with bea.expect_navigation():
        bea.keyboard.press("Control+s")

    expect(bea.get_by_text("saved with 3 changes")).to_be_visible()
    bea.goto(f"{MATRIX}versions/")
    newest = bea.locator("li.list-group-item").first
    expect(newest).to_contain_text("Activity “Label the flights” added to data")
    expect(newest).to_contain_text("Label the flights: LAB no part → A/R")


def test_cells_go_to_a_spreadsheet_and_come_back(people):
    bea = people.page_of("bea", permissions=["clipboard-read", "clipboard-write"])
    bea.goto(f"{MATRIX}edit/")
    cells = bea.locator(CELLS)
    before = letters_of(bea)
    width = bea.locator("tr[data-activity]").first.locator("td").count()

    cells.first.focus()
    bea.keyboard.press("Shift+ArrowRight")
    bea.keyboard.press("Shift+ArrowDown")
    bea.keyboard.press("Control+c")
    copied = "\n".join("\t".join(before[at : at + 2]) for at in (0, width))
    assert bea.evaluate("navigator.clipboard.readText()") == copied

    bea.evaluate("navigator.clipboard.writeText('i\tr/a\\r\\n-\tC\\r\\n')")
    bea.keyboard.press("Control+Home")
    bea.keyboard.press("Control+v")
    after = letters_of(bea)
    assert after[:2] + after[width : width + 2] == ["I", "A/R", "", "C"]
    bea.keyboard.press("Control+z")
    assert letters_of(bea) == before

    bea.evaluate("navigator.clipboard.writeText('I\tX')")
    bea.keyboard.press("Control+Home")
    bea.keyboard.press("Control+v")
    told = bea.locator("[data-unsaved]")
    expect(told).to_contain_text("Nothing was pasted: “X” for")
    assert letters_of(bea) == before
    bea.keyboard.press("Control+End")
    bea.keyboard.press("Control+v")
    expect(told).to_contain_text("reach beyond the grid")
    assert letters_of(bea) == before


def wide_matrix(page: Page) -> None:
    """A use case whose matrix has 40 activities and 12 roles, made as a browser makes one."""
    page.goto("/use-cases/open/")
    page.get_by_label("Title", exact=True).fill("Wide")
    page.get_by_label("Business need").fill("Try a wide matrix")
    page.get_by_label("A positive case is").fill("a wide one")
    page.get_by_label("Risk tier").select_option(index=1)
    page.get_by_label("Favourable to the person is").select_option(index=1)
    page.get_by_role("button", name="Open").click()
    page.goto("/raci/wide/edit/")
    sent = page.evaluate(
        "() => Object.fromEntries(new FormData(document.getElementById('raci-form')))"
    )
    sent |= {f"role:R{number}": f"Role {number}" for number in range(4)}
    for number in range(12):
        sent |= {f"title:new_{number}": f"New {number}", f"stage:new_{number}": "new"}
    address = page.url
    answer = page.request.post(address, form=sent, headers={"Referer": address})
    assert answer.ok


def scrolls_sideways(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def in_sight(found) -> bool:
    """Whether it can be seen without scrolling, and nothing lies on top of it."""
    return found.evaluate(
        """(one) => {
            const box = one.getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return one.contains(top);
        }"""
    )


def turn(page: Page, activity: str, role: str) -> None:
    """Gives an empty cell the letter I, and another letter to one that has it."""
    select = page.locator(f"select[name='cell:{activity}:{role}']")
    cell = page.locator(CELLS).filter(has=select)
    cell.focus()
    page.keyboard.press("c" if cell.inner_text().strip() == "I" else "i")


def focused(page: Page):
    return page.locator(f"{CELLS}:focus")


def letters_of(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(CELLS).all_inner_texts()]
