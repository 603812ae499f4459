"""The long way of a request: changes, another round, a condition; in light, dark and on a phone."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from governance.runtime.story import PASSWORD
from tests.browser.looks import faults

pytestmark = pytest.mark.browser

VERSION = "/models/credit-scoring/versions/2/"
TITLE = "credit-scoring v2 for champion"
CARD = {
    "overview": "Logistic regression on 18 facts of a credit application.",
    "intended_use": "Supports the decision on consumer credit.",
    "out_of_scope": "Everything else.",
    "limitations": "600 old loans.",
}
STATEMENT = "The first one that beats turning everyone away."
MISSING = "Say for which loans it is not made."
NARROWED = "Loans to businesses, and any decision without a person."
ANSWER = "The card says it under out-of-scope use."
CONDITION = "Watch young applicants for a quarter."
REPORT = "Watched: nothing moved from April to June."


@pytest.fixture
def gate(demo):
    demo.api("PATCH", "models/credit-scoring/versions/2/card/", json=CARD)
    return lambda: demo.gate(2)


def test_from_changes_to_a_condition_that_is_closed(people, gate):
    ada, rui, bea = (people.page_of(name) for name in ("ada", "rui", "bea"))

    address = ada_asks(ada)
    rui_asks_for_changes(rui, address)
    ada_hands_in_again(ada, address)
    rui_reads_what_is_new(rui, address)
    rui_approves_on_a_condition(rui)
    assert "waits for release" in " ".join(gate()["reasons"])
    bea_signs_last(bea, address)
    assert gate()["allowed"]
    ada_reports_the_condition_done(ada, address)
    rui_closes_it(rui, address)
    bea_reads_that_it_is_closed(bea, address)


def ada_asks(page: Page) -> str:
    """Returns the address of the request."""
    page.goto(VERSION)
    page.get_by_label("Statement").fill(STATEMENT)
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    return page.url


def rui_asks_for_changes(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text(STATEMENT)).to_be_visible()
    page.get_by_label("Ask for changes").check()
    sign(page, MISSING)
    expect(page.get_by_text("hands it in again when the changes are made")).to_be_visible()
    expect(page.get_by_role("button", name="Sign")).to_have_count(0)


def ada_hands_in_again(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#news")).to_contain_text("Rui Tanaka asked for changes to validation.")
    assert faults(page) == {}
    page.goto(f"{VERSION}card/")
    page.get_by_label("Out-of-scope use").fill(NARROWED)
    page.get_by_role("button", name="Save the card").click()
    page.goto(address)
    page.get_by_label("What you changed").fill(ANSWER)
    page.get_by_role("button", name="Hand in again").click()
    expect(page.get_by_text("Handed in again. Those who sign are asked again.")).to_be_visible()


def rui_reads_what_is_new(page: Page, address: str) -> None:
    page.goto(address)
    news = page.locator("#news")
    expect(news).to_contain_text("Since you last looked")
    expect(news).to_contain_text("Ada Okoye handed it in again as round 2, evidence changed.")
    expect(news).to_contain_text("Card changed: Out-of-scope use.")
    expect(page.locator("#rounds")).to_contain_text(ANSWER)
    expect(page.locator("main")).to_contain_text(NARROWED)


def rui_approves_on_a_condition(page: Page) -> None:
    page.get_by_label("Approve", exact=True).check()
    page.get_by_text("Approve on conditions").click()
    page.get_by_label("What must be done").first.fill(CONDITION)
    page.get_by_label("By whom").first.fill("ada")
    page.get_by_label("Until").first.fill((date.today() + timedelta(days=90)).isoformat())
    assert faults(page) == {}
    sign(page, "Good enough on this condition.")
    expect(page.locator("#conditions")).to_contain_text(CONDITION)


def bea_signs_last(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text("Yours is the last signature")).to_be_visible()
    page.get_by_label("Approve", exact=True).check()
    sign(page, "Worth it to the business.")
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
    expect(page.get_by_text("credit-scoring v2 is cleared")).to_be_visible()
    assert faults(page) == {}


def ada_reports_the_condition_done(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("What was done").fill(REPORT)
    page.get_by_role("button", name="Report done").click()
    expect(page.locator("#conditions")).to_contain_text(REPORT)


def rui_closes_it(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#news")).to_contain_text(
        f"Ada Okoye reported done the condition “{CONDITION}”."
    )
    assert faults(page) == {}
    page.get_by_role("button", name="Close: it is done").click()
    expect(page.get_by_role("button", name="Close: it is done")).to_have_count(0)


def bea_reads_that_it_is_closed(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#news")).to_contain_text(
        f"Rui Tanaka closed the condition “{CONDITION}”."
    )


def sign(page: Page, reason: str) -> None:
    form = page.locator("#decision")
    form.get_by_label("Reason").fill(reason)
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button", name="Sign").click()
    expect(page.get_by_text("Signed. It is on the record")).to_be_visible()
