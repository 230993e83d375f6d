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
# WCAG 1.4.12: what a person may set, over all that we style; our policy lets such a sheet pass.
_CUT_OFF = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
  const cut = [...document.querySelectorAll('body *:not(input, svg *, .visually-hidden)')].filter(
    (part) => /hidden|clip/.test(getComputedStyle(part).overflow) && part.checkVisibility()
      && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1));
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  document.adoptedStyleSheets = [];
  return [...cut.map((part) => part.outerHTML.slice(0, 100)), ...(wide ? ['the page'] : [])];
}"""


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


def cut_off_when_spaced(page: Page) -> list[str]:
    """Return what is cut off, or too wide, once the text is spaced as a person may need it."""
    found: list[str] = page.evaluate(_CUT_OFF)
    return found
