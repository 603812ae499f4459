"""A webhook from its making to its end, without script; and its log as axe and a phone see it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in
from tests.browser.test_screens import too_wide

pytestmark = pytest.mark.browser


def test_a_webhook_is_made_tested_read_and_deleted_without_script(people):
    page = people.stranger(java_script_enabled=False)
    sign_in(page, "ada")
    page.goto("/me/")
    page.get_by_role("main").get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="Of the registry").click()
    page.get_by_label("Name").fill("build")
    page.get_by_label("Address").fill("https://nobody.invalid/hook")
    page.get_by_label("Alias set", exact=True).check()
    page.get_by_label("Secret").fill("geheim")
    page.get_by_role("button", name="Make the webhook").click()
    page.wait_for_url(re.compile(r"/webhooks/[0-9a-f-]{36}/$"))
    with page.expect_navigation():
        page.get_by_role("button", name="Send a test").click()

    def delivered():
        page.reload()
        expect(page.get_by_text("The name nobody.invalid leads nowhere.")).to_be_visible(
            timeout=1000
        )

    eventually(delivered)
    expect(page.get_by_role("button", name="Send again")).to_be_visible()
    reads_well(people, page.url)

    page.get_by_text("Delete the webhook").click()
    page.get_by_role("button", name="Delete build").click()
    expect(page.get_by_text("No webhook yet")).to_be_visible()


def reads_well(people, url) -> None:
    page = people.page_of("ada")
    page.goto(url)
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    for more in page.locator("summary:visible").all()[-3:]:
        more.click()
    assert too_wide(page) == []


def eventually(question, tries: int = 60) -> None:
    for _ in range(tries - 1):
        try:
            return question()
        except AssertionError:
            continue
    question()
