"""Looks at each page that a person meets: axe in both themes, markup, width, a picture of it."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from tests.support.accessibility import cut_off_when_spaced, flaws, too_wide
from tests.support.page_rules import broken_rules

_THEMES: Sequence[Literal["light", "dark"]] = ("light", "dark")
_SCREENS: Sequence[ViewportSize] = (
    {"width": 320, "height": 640},  # what a desk shows enlarged four times
    {"width": 640, "height": 320},  # a small telephone held sideways, or a desk enlarged twice
)
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_STATE = """() => [
  document.title,
  ...[...document.querySelectorAll(
      'main h1, main [role=alert], main [role=status], main details[open] > summary')]
    .map(part => part.innerText.replace(/\\d+/g, ' '))
].join(' | ')"""


@dataclass
class Inspector:
    """Inspects each state of each page once for each size of screen."""

    gallery: Path | None
    """Where pictures are written; None for none."""
    seen: set[tuple[int, str]] = field(default_factory=set)

    @classmethod
    def from_environment(cls) -> "Inspector":
        """Take pictures where ``make gallery`` asks for them."""
        folder = os.environ.get("GALLERY")
        return cls(Path(folder) if folder else None)

    def look(self, page: Page) -> None:
        """Inspect a page that may run scripts; AssertionError tells what is wrong."""
        size = page.viewport_size
        width = size["width"] if size else 0
        state = (width, page.evaluate(_STATE))
        if state in self.seen:
            return
        self.seen.add(state)
        found = [f"{page.url}: {broken}" for broken in broken_rules(page.content())]
        found += _widths(page)
        for theme in _THEMES:
            # Without motion: colours halfway from one theme to the other would be judged.
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{theme}: {flaw}" for flaw in flaws(page)]
            self._picture(page, f"{width}-{state[1]}", theme)
        page.emulate_media(color_scheme="null", reduced_motion="null")
        if found:
            raise AssertionError("\n".join(found))

    def _picture(self, page: Page, state: str, theme: str) -> None:
        if self.gallery is None:
            return
        self.gallery.mkdir(parents=True, exist_ok=True)
        name = _NOT_A_LETTER.sub("-", state.lower())[:150]
        page.screenshot(path=self.gallery / f"{name}-{theme}.png", full_page=True)


def _widths(page: Page) -> list[str]:
    """Tell on which screens the page has to be scrolled sideways; its own comes last and stays."""
    own = page.viewport_size
    found = []
    for size in [*_SCREENS, own] if own else []:
        page.set_viewport_size(size)
        if too_wide(page):
            found.append(f"{page.url}: wider than {size['width']} pixels")
        cut = cut_off_when_spaced(page)
        found += [f"{page.url}: at {size['width']} pixels spacing cuts off {part}" for part in cut]
    return found
