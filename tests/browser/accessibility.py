"""What axe finds wrong on a page, in one line each."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


# A drawn chart is one image with a name; its strokes are no concern of a screen reader.
EVERYTHING_ELSE = {"exclude": [[".chart-plot svg"]]}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, context=EVERYTHING_ELSE).response["violations"]
    return [
        f"{one['id']}: {one['help']} at {' '.join(map(str, node['target']))}"
        for one in found
        for node in one["nodes"]
    ]
