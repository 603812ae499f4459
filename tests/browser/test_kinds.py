"""Requests about a use case: what bea and ada ask for holds once others have signed it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import faults
from tests.browser.test_rework import sign

pytestmark = pytest.mark.browser

CASE = "/use-cases/branch-staffing/"
HOLDERS = {"BO": ["bea"], "MO": ["mo"], "DS": ["ada"], "OPS": ["olu"], "RV": ["rui"]}
WHY = "It only advises people who plan the shifts themselves."
BASE = "hf:open-lab/small-7b"


@pytest.fixture(scope="module", autouse=True)
def case(demo) -> None:
    """A use case of tier 1 that no other test knows."""
    fields = {"title": "Branch staffing", "slug": "branch-staffing", "tier": 1}
    demo.api("POST", "use-cases/", json=fields | {"holders": HOLDERS})


def test_a_lower_tier_holds_once_who_answers_for_the_risk_has_signed(people):
    bea, rui = people.page_of("bea"), people.page_of("rui")

    bea.goto(CASE)
    bea.get_by_role("link", name="Ask for a lower tier").click()
    expect(bea.get_by_text("To be signed by who is Accountable for")).to_be_visible()
    assert faults(bea) == {}
    bea.get_by_label("The tier asked for").select_option("2")
    bea.get_by_label("Your statement").fill(WHY)
    bea.get_by_role("button", name="Ask for the lower tier").click()

    approve(rui, bea.url, "Tier 2 for Branch staffing", "Right: people decide.")
    expect(rui.get_by_text("the policies of that tier apply")).to_be_visible()
    assert faults(rui) == {}
    bea.goto(CASE)
    expect(bea.get_by_role("heading", level=1)).to_contain_text("Tier 2")


def test_a_base_model_is_assessed_and_then_adopted(people):
    ada, rui, bea = (people.page_of(name) for name in ("ada", "rui", "bea"))

    ada.goto(CASE)
    ada.get_by_role("link", name="Ask for a base model").click()
    assert faults(ada) == {}
    ada.get_by_label("The base model").fill(BASE)
    ada.get_by_label("Licence").fill("Apache 2.0.")
    ada.get_by_label("Your statement").fill("It is small, and it runs in our own house.")
    ada.get_by_role("button", name="Ask to adopt it").click()

    title = f"Base model {BASE} for Branch staffing"
    approve(rui, ada.url, title, "The licence allows it, and its data are told.")
    expect(rui.locator("#signatures")).to_contain_text("Signed by Rui Tanaka.")
    approve(bea, ada.url, title, "We need it for the forecasts.")
    expect(bea.get_by_text("may be asked for")).to_be_visible()
    assert faults(bea) == {}


def approve(page: Page, address: str, title: str, reason: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    assert faults(page) == {}
    page.get_by_label("Approve", exact=True).check()
    sign(page, reason)
