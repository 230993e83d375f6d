"""The elements of a page in their order, each with its text and what it stands inside."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_WITHOUT_END = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass(eq=False)
class Element:
    tag: str
    has: dict[str, str | None]
    inside: tuple["Element", ...]
    """From the innermost outwards."""
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is written in it, inner elements included."""
        return "".join(self.parts).strip()


def elements(markup: str) -> list[Element]:
    reader = _Reader()
    reader.feed(markup)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, dict(attrs), tuple(reversed(self._open))))
        if tag not in _WITHOUT_END:
            self._open.append(self.found[-1])

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.parts.append(data)
