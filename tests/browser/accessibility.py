"""What axe finds wrong on a page, in one line each."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# A drawn chart is one image with a name; its strokes are no concern of a screen reader.
EVERYTHING_ELSE = {"exclude": [[".chart-plot svg"]]}


def violations(page: Page, *rules: str) -> list[str]:
    """Runs the named rules, else all of them."""
    options = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    found = Axe().run(page, context=EVERYTHING_ELSE, options=options)
    return [
        f"{one['id']}: {one['help']} at {' '.join(map(str, node['target']))}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
