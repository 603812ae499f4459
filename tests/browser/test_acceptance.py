"""Accepting one's duties as people live it: asked in My work, read, accepted, shown on one's page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser

ASKED = "Read and accept your duties in Flight delays"


def test_from_my_work_to_accepted_duties(people):
    page: Page = people.page_of("olu")
    page.goto("/")
    page.get_by_role("link", name=ASKED).click()
    expect(page.get_by_text("not accepted yet")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("button", name="Accept these duties").click()

    expect(page.get_by_text("You have accepted your duties in Flight delays.")).to_be_visible()
    expect(page.get_by_role("button", name="Accept these duties")).to_have_count(0)
    page.goto("/")
    expect(page.get_by_role("link", name=ASKED)).to_have_count(0)
    page.goto("/people/olu/")
    expect(page.get_by_text("accepted", exact=False).first).to_be_visible()
    assert violations(page) == []
