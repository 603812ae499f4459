"""A mail as its reader sees it in the outbox, and choosing which mail one gets, without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in
from tests.browser.test_screens import too_wide

pytestmark = pytest.mark.browser
TO_RUI = re.compile(r"To sign: credit-scoring v3 for champion.*to Rui", re.DOTALL)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_button_of_a_mail_leads_to_the_review_page(people, scheme):
    page = people.page_of("rui", color_scheme=scheme)
    page.goto("/outbox/")
    page.locator("main a").filter(has_text=TO_RUI).last.click()
    letter = page.frame_locator("iframe")
    background = letter.locator(".letter").evaluate("e => getComputedStyle(e).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")

    letter.get_by_role("link", name="Review and sign").click()

    page.wait_for_url(re.compile(r"/(approvals|links)/"))
    if "/links/" in page.url:  # Rui has signed by now, which used the link up
        expect(page.get_by_text("This link has served")).to_be_visible()
        page.get_by_role("link", name="Go to what helps").click()
        people.forgive("409")
    page.wait_for_url(re.compile(r"/approvals/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("credit-scoring v3")


def test_a_mail_alone_reads_well_and_fits_a_phone(people):
    page = people.page_of("rui")
    page.goto("/outbox/")
    page.locator("main a").filter(has_text=TO_RUI).last.click()
    html = page.request.get(page.url + "letter/").text()

    alone = people.browser.new_page(viewport={"width": 390, "height": 800})
    alone.set_content(html)

    assert too_wide(alone) == []
    assert (
        violations(alone, "color-contrast", "link-name", "html-has-lang", "scope-attr-valid")
        == []
    )
    alone.close()


def test_mail_is_chosen_without_script_and_a_refusal_keeps_what_was_chosen(people):
    page = people.stranger(java_script_enabled=False)
    sign_in(page, "olu")
    page.goto("/me/#mail")
    mail = page.get_by_role("region", name="Mail", exact=True)
    mail.get_by_label("Told how it went on").select_option("Never by mail")
    mail.get_by_label("Your time zone").select_option("Africa/Lagos")
    mail.get_by_label("Quiet from").fill("07:00")
    mail.get_by_label("Quiet until").fill("09:00")
    mail.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("The daily mail would come in your quiet hours.")).to_be_visible()
    people.forgive("422")

    mail.get_by_label("Quiet from").fill("20:00")
    mail.get_by_label("Quiet until").fill("06:00")
    mail.get_by_role("button", name="Keep").click()

    expect(page.get_by_text("Kept. Mail that waits follows it too.")).to_be_visible()
    expect(mail.get_by_label("Told how it went on")).to_have_value("never")
    expect(mail.get_by_label("Your time zone")).to_have_value("Africa/Lagos")
