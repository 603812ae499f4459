"""The approver's way with scripts switched off: every act is a plain form."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CARD = {
    "overview": "Gradient boosting on 18 facts of a credit application.",
    "intended_use": "Supports the decision on consumer credit.",
    "out_of_scope": "Everything else.",
    "limitations": "600 old loans.",
}


@pytest.fixture(scope="module")
def second_request(demo) -> int:
    """A request for v4 that Ada opens over REST."""
    demo.api("PATCH", "models/credit-scoring/versions/4/card/", json=CARD)
    asked = {"model": "credit-scoring", "version": 4, "statement": "The challenger."}
    return demo.api("POST", "approvals/", json=asked)["id"]


def test_a_vote_is_cast_without_script(people, second_request):
    page = people.stranger(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Username").fill("rui")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()

    page.locator(f"a[href='/approvals/{second_request}/']", has_text="Review").click()
    page.get_by_label("Approve").check()
    page.get_by_label("Reason").fill("Within the interval of v3.")
    page.get_by_label("Your password").fill("demo")
    page.get_by_role("button", name="Sign").click()

    expect(page.get_by_text("Signed. It is on the record")).to_be_visible()
    expect(page.get_by_text("Within the interval of v3.")).to_be_visible()


def test_the_numbers_of_a_chart_are_readable_without_script(people):
    page = people.page_of("ada", java_script_enabled=False)
    page.goto("/models/credit-scoring/versions/3/")

    page.get_by_text("The numbers as a table").first.click()

    expect(page.locator(".chart-table table").first).to_be_visible()
