"""What axe finds wrong with the page that a browser shows."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_RULES = {
    "runOnly": {
        "type": "tag",
        "values": [
            "RGAAv4", "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
        ],
    }
}  # fmt: skip


def flaws(page: Page) -> list[str]:
    """Return each rule that the page breaks and where; it must be allowed to run scripts."""
    found = Axe().run(page, options=_RULES).response["violations"]
    return [f"{page.url}: {rule['id']}: {rule['nodes'][0]['html']}" for rule in found]


def too_wide(page: Page) -> bool:
    """Tell whether the page has to be scrolled sideways."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    )
