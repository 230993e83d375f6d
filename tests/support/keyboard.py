"""Somebody without a mouse: what is done goes by keys, to where the focus is seen to be."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

_MOST_STOPS = 40
_FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const box = at.getClientRects()[0] ?? at.getBoundingClientRect();
  const found = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: (at.labels?.[0] ?? at).innerText.replace(/\\s+/g, ' ').trim(),
    inMain: at.closest('main') !== null,
    shown: found !== null && at.contains(found),
    outlined: style.outlineStyle === 'auto'
      || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2),
  };
}"""

_NOWHERE = "() => document.activeElement === document.body"


@dataclass(frozen=True)
class Keyboard:
    """The keys of one page that moves nothing by itself; the mouse stays where it is."""

    page: Page

    def starts_at(self, start: Locator) -> None:
        """Wait for a page that puts the focus where its reader is to begin."""
        expect(start).to_be_focused()

    def goes_to(self, name: str, *, back: bool = False) -> None:
        """Move from stop to stop, each of them seen, to the next whose name begins so."""
        stops = []
        while not stops or not stops[-1].startswith(name):
            assert len(stops) < _MOST_STOPS, f"{name} is not among {stops}"
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            stops.append(self._seen_stop())

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def presses(self, key: str) -> None:
        self.page.keyboard.press(key)

    def skips_the_head(self) -> None:
        """Follow the first link of a page that has just been opened."""
        self.page.keyboard.press("Tab")
        assert self._seen_stop() == "Aller au contenu"
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("main")).to_be_focused()
        self.page.keyboard.press("Tab")
        assert self.page.evaluate(_FOCUS)["inMain"]

    def sees_every_stop(self) -> int:
        """Go through a page that was just opened, and back; return how many stops it has."""
        stops = 0
        self.page.keyboard.press("Tab")
        while not self.page.evaluate(_NOWHERE):
            stops += 1
            assert stops < _MOST_STOPS, "the page does not let go"
            self._seen_stop()
            self.page.keyboard.press("Tab")
        for _ in range(stops):
            self.page.keyboard.press("Shift+Tab")
            self._seen_stop()
        return stops

    def _seen_stop(self) -> str:
        """Return the name of what has the focus, which must be in sight and marked."""
        focus = self.page.evaluate(_FOCUS)
        assert focus["shown"], f"{focus['name']} is out of sight or hidden"
        assert focus["outlined"], f"nothing shows that {focus['name']} has the focus"
        name: str = focus["name"]
        return name
