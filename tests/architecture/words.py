"""What people read, without the markup, the code and the addresses around it."""

import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jinja2 import Environment

VALUE = "\ufffc"  # stands where a page puts a value
_TEMPLATES = Environment(autoescape=True)
_ADDRESS = re.compile(r"https?://\S+")
_SCRIPT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|(?P<said>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""",
    re.DOTALL,
)
_SHOWN_OF_APP = re.compile(r'"(?:name|short_name|description)":\s*"([^"\n]*)"')
_FILLED = re.compile(r"\$\{[^}]*\}")
_BLANK = re.compile(r"[ \t\r\n]+")
_IN_A_SENTENCE = {"a", "abbr", "b", "code", "em", "i", "span", "strong", "sup", "time"}
_NOT_READ = {"script", "style", "text"}  # text: drawn in an SVG, where no line breaks
_SPOKEN = re.compile(r"alt|title|aria-label|data-.+")


def texts(file: Path) -> list[str]:
    """Return each text of a page, mail or catalogue: a block, a label, a sentence."""
    source = file.read_text()
    if file.suffix == ".toml":
        found = list(_values(tomllib.loads(source)))
    elif file.suffix == ".txt":
        found = of_mail(source)
    elif file.suffix == ".js":
        found = of_script(source)
    elif file.suffix == ".json":
        found = of_manifest(source)
    else:
        found = of_page(source)
    return [_ADDRESS.sub(VALUE, text) for text in found]


def of_page(source: str) -> list[str]:
    """Return the texts of a template in HTML, and those that it hands to a macro."""
    markup, labels = _without_code(source)
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return [*reader.blocks(), *reader.attributes, *labels]


def of_mail(source: str) -> list[str]:
    """Return the lines of a mail in plain text; its subject is one of them."""
    plain, labels = _without_code(source)
    return [line.removeprefix("Subject: ") for line in plain.splitlines() if line] + labels


def of_script(source: str) -> list[str]:
    """Return the sentences that a script could show: its strings of more than one word."""
    found = (match["said"] for match in _SCRIPT.finditer(source))
    return [_FILLED.sub(VALUE, text[1:-1]) for text in found if text and " " in text.strip()]


def of_manifest(source: str) -> list[str]:
    """Return what a telephone shows of the app that it installs."""
    plain, _ = _without_code(source)
    return _SHOWN_OF_APP.findall(plain)


def _without_code(source: str) -> tuple[str, list[str]]:
    """Return the template with VALUE for each expression, and the sentences in its code."""
    kept, labels = [], []
    for _, kind, text in _TEMPLATES.lex(source):
        if kind == "data":
            kept.append(text)
        elif kind == "variable_begin":
            kept.append(VALUE)
        elif kind == "string" and " " in text.strip():
            labels.append(text[1:-1])
    return "".join(kept), labels


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _values(each)
    else:
        yield value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._unread = 0
        self.attributes: list[str] = []

    def blocks(self) -> list[str]:
        lines = (line.strip(" ") for line in "".join(self._pieces).split("\n"))
        return [line for line in lines if line]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _NOT_READ
        self._break_after(tag)
        self.attributes += [text for name, text in attrs if text and _SPOKEN.fullmatch(name)]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _NOT_READ
        self._break_after(tag)

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._pieces.append(_BLANK.sub(" ", data))

    def _break_after(self, tag: str) -> None:
        if tag not in _IN_A_SENTENCE:
            self._pieces.append("\n")
