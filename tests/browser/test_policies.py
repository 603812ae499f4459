"""A policy is written with its problems shown while one types, reviewed by another, and published."""

import re

import pytest

from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser
NAME = "language-model-application"


def test_a_policy_is_written_reviewed_and_published(people):
    rui, root = people.page_of("rui"), people.page_of("root")
    rui.on("dialog", lambda question: question.accept())
    root.on("dialog", lambda question: question.accept())

    rui.goto("/policies/new/?starter=language-model")
    text = rui.get_by_label("Policy (YAML)")
    good = text.input_value()
    text.fill(good.replace("reported.helpfulness at least", "reported.helpfulness at leest"))
    problem = rui.get_by_role("link", name=re.compile(r"Line \d+, column \d+"))
    problem.wait_for()
    line = int(re.search(r"Line (\d+)", problem.inner_text())[1])
    problem.click()
    marked = rui.locator(".editor-marked").inner_text()
    selected = text.evaluate(
        "(area) => area.value.slice(area.selectionStart, area.selectionEnd)"
    )
    assert good.split("\n")[line - 1].startswith('  - "answers help')
    assert (marked, selected.startswith("at leest 0.80")) == (str(line), True)
    assert violations(rui) == []

    text.fill(good)
    rui.get_by_text("This text can be saved").wait_for()
    rui.get_by_role("button", name="Save the draft").click()
    rui.wait_for_url(f"**/policies/{NAME}/1/")
    rui.get_by_role("button", name="Give v1 to review").click()
    rui.get_by_text("another policy editor has to read and publish it").wait_for()
    assert rui.get_by_role("button", name="Sign").count() == 0
    assert violations(rui) == []

    root.goto("/")
    root.get_by_role("link", name=f"{NAME} v1 is in review", exact=True).click()
    root.get_by_label("Why it may be published").fill("I read every rule.")
    root.get_by_label("Your password").fill("demo")
    assert violations(root) == []
    root.get_by_role("button", name="Sign").click()
    root.get_by_text("In force since").wait_for()


def test_without_script_problems_stand_at_their_lines(people):
    window = people.page_of("rui", java_script_enabled=False)

    window.goto("/policies/credit-decisions/draft/")
    text = window.get_by_label("Policy (YAML)")
    written = text.input_value().replace("auc at least 0.75", "auk at least 0.75")
    text.fill(written)
    window.get_by_role("button", name="Check only").click()
    window.get_by_role("link", name=re.compile(r"Line \d+, column \d+")).first.click()

    assert window.url.endswith(f"#line-{window.locator('.editor-marked').first.inner_text()}")
    assert text.input_value().rstrip("\n") == written.rstrip("\n")
