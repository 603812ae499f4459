"""A policy tried on the demo's past and on one version, in a browser: with htmx, without script, on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in
from tests.browser.test_screens import show_in, too_wide

pytestmark = pytest.mark.browser
WHAT_IF = "/models/credit-scoring/versions/3/what-if/"


def test_moving_a_bound_flips_its_rule_while_one_types(people):
    page = people.page_of("rui")
    page.goto("/models/credit-scoring/versions/3/")
    page.locator("#verdict").get_by_role("link", name="What if").click()
    expect(page.locator("#verdicts")).to_contain_text("No rule comes to another outcome.")
    number = page.locator(".what-if-numbers input").first

    number.fill("0.999")

    expect(page.locator("#verdicts")).to_contain_text("1 rule comes to another outcome.")
    expect(page.locator("#rule-0")).to_contain_text("Fail")
    expect(number).to_have_value("0.999")
    assert "0.999" in page.url
    number.fill("much")
    expect(page.locator("#problem-0")).to_contain_text("“much” is not a number.")
    expect(page.locator("#verdicts")).to_contain_text("No rule comes to another outcome.")
    reads_well(page)


def test_what_was_tried_is_in_the_address_and_needs_no_script(people):
    page = people.stranger(java_script_enabled=False)
    sign_in(page, "rui")
    page.goto(WHAT_IF)
    page.locator(".what-if-numbers input").first.fill("0.999")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#verdicts")).to_contain_text("It would be blocked.")

    page.get_by_role("link", name="Rewrite whole rules").click()

    expect(page.locator("#verdicts")).to_contain_text("It would be blocked.")
    expect(page.locator("#r0")).to_have_value(re.compile("0.999"))


def test_a_policy_is_tried_on_the_past(people):
    page = people.page_of("rui")
    page.goto("/policies/credit-decisions/")
    page.locator("#back-test").get_by_role("link", name="Back-test").click()
    page.get_by_label("Only versions that ever served").check()
    expect(page.locator("#amount")).to_contain_text("would be judged again.")
    page.get_by_label("Only versions that ever served").uncheck()
    reads_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})

    page.get_by_role("button", name="Start the back-test").click()

    expect(page.locator(".lead-sentence")).to_contain_text("versions that passed then")
    with page.expect_response(re.compile("every=newest")):
        page.get_by_label("Evaluations").select_option("newest")
    page.wait_for_url(re.compile("every=newest"))
    expect(page.locator("#lines")).to_contain_text("credit-scoring v3")
    page.get_by_text("Rule by rule").first.click()
    expect(page.locator("#lines table").first).to_be_visible()
    reads_well(page)


def reads_well(page) -> None:
    show_in(page, "light")
    assert violations(page) == []
    show_in(page, "dark")
    assert violations(page, "color-contrast") == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert too_wide(page) == []
