"""An exception as people live it: asked for beside the red rule, granted by two, revoked again."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from governance.runtime.story import PASSWORD
from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser

VERSION = "/models/credit-scoring/versions/1/"
REASON = "The branch needs a score while the better model is signed."
COMPENSATION = "A person reads every refusal."
JUDGED_AGAIN = 60_000


def test_from_a_red_rule_to_an_exception_and_back(people):
    mo, rui, bea = people.page_of("mo"), people.page_of("rui"), people.page_of("bea")

    ask(mo)
    address = mo.url
    grant(rui, "first")
    grant(bea, "second")
    expect(bea.get_by_role("heading", level=1)).to_contain_text("Granted")

    the_version_is_blessed_with_exception(mo)
    the_lists_show_it(people.page_of("vi"))
    rui.goto(address)
    revoke(rui)
    the_version_is_not_blessed_again(mo)


def ask(page: Page) -> None:
    page.goto(VERSION)
    page.get_by_role("link", name="Ask for an exception").first.click()
    expect(page.get_by_text("At the latest")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Why it must go on").fill(REASON)
    page.get_by_label("What keeps the risk small meanwhile").fill(COMPENSATION)
    page.get_by_label("Last day").fill((date.today() + timedelta(days=30)).isoformat())
    page.get_by_role("button", name="Ask for the exception").click()
    expect(page.get_by_text("Those who may grant it are mailed.")).to_be_visible()


def grant(page: Page, signature: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Review the exception to ")).first.click()
    expect(page.get_by_label("Grant", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Grant", exact=True).check()
    page.get_by_label("Reason").fill(f"I answer for it, as the {signature} of two.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_text("Signed. It is on the record")).to_be_visible()


def the_version_is_blessed_with_exception(page: Page) -> None:
    """A worker judges the same evidence again; the page does not poll, so it is opened again."""
    _wait_for_verdict(page, "Blessed with exception")
    expect(page.locator("#verdict").get_by_text("the rule stays red").first).to_be_visible()
    expect(page.locator("#verdict").get_by_text("Fail", exact=True).first).to_be_visible()
    assert violations(page) == []


def the_version_is_not_blessed_again(page: Page) -> None:
    _wait_for_verdict(page, "Not blessed")


def _wait_for_verdict(page: Page, verdict: str) -> None:
    heading = page.get_by_role("heading", level=1)
    for _ in range(JUDGED_AGAIN // 500):
        page.goto(VERSION)
        if verdict in heading.inner_text():
            return
        page.wait_for_timeout(500)
    expect(heading).to_contain_text(verdict)


def the_lists_show_it(page: Page) -> None:
    for path in ("/exceptions/", "/portfolio/", "/models/credit-scoring/"):
        page.goto(path)
        assert page.locator("main a[href^='/exceptions/']").count() >= 1
    page.goto("/exceptions/?state=granted")
    assert violations(page) == []


def revoke(page: Page) -> None:
    page.get_by_text("Revoke the exception").click()
    page.get_by_label("Reason").fill("The better model is signed now.")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Revoked")
