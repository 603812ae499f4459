"""A whole matrix edited without a mouse: letters, undo, save; and a second person who is told."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser

MATRIX = "/raci/flight-delays/"
CELLS = "td[role=gridcell]"


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
