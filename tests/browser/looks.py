"""The three looks of a page: light, dark, and a phone's 390 px."""

from playwright.sync_api import Page

from tests.browser.accessibility import violations
from tests.browser.test_screens import show_in, too_wide

PHONE = {"width": 390, "height": 800}


def faults(page: Page) -> dict[str, list[str]]:
    """What axe finds in each look, and what is wider than a phone; the page is left as it was."""
    window, found = page.viewport_size, {}
    for theme in ("dark", "light"):
        show_in(page, theme)
        found[theme] = violations(page)
    page.set_viewport_size(PHONE)
    found["phone"] = violations(page) + too_wide(page)
    page.set_viewport_size(window)
    return {look: lines for look, lines in found.items() if lines}
