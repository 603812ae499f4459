"""The loop as people live it: from My work to a champion that two people signed."""

import re

import pytest
from playwright.sync_api import Page, expect

from governance.runtime.story import PASSWORD
from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

REASON = "The evidence answers the need; the warning about few rows is known."


def open_review(page: Page) -> None:
    page.goto("/")
    row = page.locator(".work", has_text="credit-scoring v3 for champion")
    row.get_by_role("link", name="Review").first.click()
    expect(page.get_by_role("heading", name="credit-scoring v3 for champion")).to_be_visible()


def sign(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Approve").check()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Sign").click()


def test_from_my_work_to_a_signed_champion(people, demo):
    rui, bea, olu = people.stranger(), people.page_of("bea"), people.page_of("olu")
    sign_in(rui, "rui")

    open_review(rui)
    rui_reads_the_frozen_evidence(rui)
    a_wrong_password_keeps_what_was_typed(rui, people)
    assert "waits for validation" in " ".join(demo.gate(3)["reasons"])
    sign(rui)
    expect(rui.get_by_text("Signed. It is on the record")).to_be_visible()
    assert not demo.gate(3)["allowed"]
    assert "waits for release" in " ".join(demo.gate(3)["reasons"])

    open_review(bea)
    assert violations(bea) == []
    sign(bea)
    expect(bea.get_by_role("heading", name="What happens next")).to_be_visible()
    assert demo.gate(3)["allowed"]

    olu_makes_it_champion(olu)
    the_model_shows_who_serves(people.page_of("ada"))
    the_trail_tells_it(people.page_of("vi"))
    mails_were_sent(people.page_of("rui"))


def rui_reads_the_frozen_evidence(page: Page) -> None:
    evidence = page.locator("section", has=page.get_by_role("heading", name="Measured"))
    expect(evidence.get_by_text("ROC AUC")).to_be_visible()
    expect(page.get_by_text("Cost beats rejecting everyone")).to_be_visible()
    expect(page.get_by_role("heading", name="From the model card")).to_be_visible()


def a_wrong_password_keeps_what_was_typed(page: Page, people) -> None:
    sign(page, password="guess")
    expect(page.locator("#id_password_error")).to_contain_text("The password is wrong.")
    expect(page.get_by_label("Reason")).to_have_value(REASON)
    expect(page.get_by_label("Approve")).to_be_checked()
    expect(page.get_by_label("Your password")).to_have_value("")
    people.forgive("422")


def olu_makes_it_champion(page: Page) -> None:
    page.goto("/models/credit-scoring/versions/3/")
    page.get_by_role("button", name="Make it champion").click()
    expect(page.get_by_text("champion points to credit-scoring v3 now.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Serving")


def the_model_shows_who_serves(page: Page) -> None:
    page.goto("/models/credit-scoring/")
    champion = page.locator(".card", has=page.get_by_text("Champion", exact=True)).first
    expect(champion.get_by_role("link", name="v3")).to_be_visible()


def the_trail_tells_it(page: Page) -> None:
    page.goto("/audit/")
    trail = page.locator("main")
    expect(trail).to_contain_text("Signed")
    expect(trail).to_contain_text("Alias set")


def mails_were_sent(page: Page) -> None:
    page.goto("/outbox/")
    expect(page.locator("main")).to_contain_text(re.compile("credit-scoring v3.*champion"))


def test_the_kpi_stands_above_the_metric_in_a_drawn_chart(people):
    page = people.page_of("bea")

    page.goto("/use-cases/credit-decisions/")

    expect(page.locator("[data-chart] svg.main-svg").first).to_be_visible()
    page.get_by_text("The numbers as a table").first.click()
    expect(page.locator(".chart-table table").first).to_contain_text("credit-scoring")


def test_every_chart_of_a_version_is_drawn(people):
    page = people.page_of("ada")

    page.goto("/models/credit-scoring/versions/3/")

    expect(page.locator("[data-chart] svg.main-svg").first).to_be_visible()
    drawn = page.locator("[data-chart]:has(svg.main-svg)")
    expect(drawn).to_have_count(page.locator("[data-chart]").count())


def test_signing_in_shows_the_work_and_no_ceremony(people):
    page = people.stranger()

    sign_in(page, "mo")

    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    expect(page.locator(".alert")).to_have_count(0)
