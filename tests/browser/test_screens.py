"""Every main screen of the demo: readable for all, in both themes, on a phone."""

from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser

VERSION = "/models/credit-scoring/versions/3/"
SCREENS = [
    ("", "/account/login/"),
    ("rui", "/"),
    ("bea", "/?show=team"),
    ("rui", "/?show=overdue"),
    ("rui", "/approvals/"),
    ("ada", "/"),
    ("bea", "/portfolio/"),
    ("bea", "/use-cases/"),
    ("bea", "/use-cases/open/"),
    ("bea", "/use-cases/credit-decisions/"),
    ("bea", "/use-cases/credit-decisions/tier/"),
    ("bea", "/use-cases/credit-decisions/base-models/ask/"),
    ("bea", "/use-cases/flight-delays/"),
    ("ada", "/models/"),
    ("ada", "/models/?tab=ungoverned"),
    ("ada", "/models/credit-scoring/"),
    ("ada", "/models/?tab=prompts"),
    ("ada", "/models/credit-scoring/history/"),
    ("ada", "/models/credit-scoring/compare/"),
    ("ada", "/models/credit-scoring/trail/"),
    ("olu", VERSION),
    ("olu", f"{VERSION}lineage/"),
    ("olu", f"{VERSION}trail/"),
    ("ada", f"{VERSION}infra/"),
    ("ada", f"{VERSION}card/"),
    ("rui", "/approvals/1/"),
    ("bea", "/approvals/1/"),
    ("ada", "/approvals/1/"),
    ("rui", "/policies/"),
    ("rui", "/policies/credit-decisions/"),
    ("rui", "/policies/credit-decisions/draft/"),
    ("rui", "/policies/new/?starter=credit"),
    ("rui", "/backtests/"),
    ("rui", "/backtests/new/"),
    ("rui", "/what-if/"),
    ("ada", f"{VERSION}what-if/"),
    ("ada", f"{VERSION}what-if/?mode=text&r0=nonsense"),
    ("vi", "/exceptions/"),
    ("bea", "/raci/"),
    ("bea", "/raci/credit-decisions/acceptance/"),
    ("bea", "/people/bea/"),
    ("bea", "/account/factors/"),
    ("root", "/people/bea/factors/"),
    ("vi", "/responsibility/"),
    ("ada", "/datasets/"),
    ("ada", "/datasets/new/"),
    ("bea", "/raci/credit-decisions/"),
    ("bea", "/raci/credit-decisions/import/"),
    ("bea", "/raci/credit-decisions/edit/"),
    ("bea", "/raci/credit-decisions/versions/"),
    ("bea", "/raci/credit-decisions/versions/1/"),
    ("root", "/teams/"),
    ("ada", "/jobs/"),
    ("vi", "/audit/"),
    ("rui", "/me/"),
    ("rui", "/outbox/"),
    ("ada", "/connect/"),
    ("ada", "/webhooks/"),
    ("ada", "/channels/"),
    ("ada", "/webhooks/new/"),
    ("ada", "/webhooks/new/governance/"),
    ("root", "/connections/"),
    ("root", "/connections/new/"),
    ("root", "/mail/"),
]
# What only a list knows the address of: the newest entry there.
BEHIND_LISTS = [("ada", "/jobs/"), ("ada", "/datasets/"), ("rui", "/outbox/")]


@pytest.fixture(scope="module", params=SCREENS, ids=lambda screen: f"{screen[0]}{screen[1]}")
def screen(request, crowd):
    """The page, opened once for all questions about it."""
    name, path = request.param
    page = crowd.page_of(name) if name else crowd.stranger()
    page.goto(path)
    yield page
    page.context.close()


def test_axe_finds_nothing(screen):
    show_in(screen, "light")

    assert violations(screen) == []


def test_dark_colours_are_readable(screen):
    show_in(screen, "dark")

    assert violations(screen, "color-contrast") == []


@pytest.mark.parametrize("width", [390, 360])
def test_a_phone_need_not_scroll_sideways(screen, width):
    screen.set_viewport_size({"width": width, "height": 800})

    assert too_wide(screen) == []


def test_the_browser_has_nothing_to_complain_about(screen, crowd):
    complaints, crowd.complaints[:] = list(crowd.complaints), []

    assert complaints == []


@pytest.mark.parametrize(("name", "path"), BEHIND_LISTS)
def test_what_a_list_leads_to_reads_as_well(people, name, path):
    page = people.page_of(name)
    page.goto(path)
    page.locator(f"main a[href^='{path}']").first.click()
    page.wait_for_url(lambda url: not url.endswith(path))

    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert too_wide(page) == []


def show_in(page, theme: str) -> None:
    """Switches the theme and waits until its last colour has arrived."""
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(
        "theme => document.documentElement.dataset.bsTheme === theme", arg=theme
    )
    page.wait_for_function(
        "() => document.getAnimations().every((one) => !(one instanceof CSSTransition))"
    )


def too_wide(page) -> list[str]:
    """Names what makes the page wider than the window; nothing when it is not."""
    with suppress(TimeoutError):  # charts follow a new width a moment later
        page.wait_for_function(
            """() => document.documentElement.scrollWidth
                <= document.documentElement.clientWidth""",
            timeout=3000,
        )
    return page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            const wide = [...document.querySelectorAll("main *")].filter(
                (one) => one.getBoundingClientRect().right > root.clientWidth + 1);
            return [`${root.scrollWidth} > ${root.clientWidth}`,
                ...wide.slice(0, 8).map((one) => one.outerHTML.slice(0, 90))];
        }"""
    )
