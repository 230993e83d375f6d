"""Forms and queries as programs send them (WHATWG URL §5), read without Werkzeug."""

from collections.abc import Iterable
from urllib.parse import unquote_plus

FORM = "application/x-www-form-urlencoded"
_INVALID_BYTES = "werkzeug.url_quote"
"""How Werkzeug treats them in every other form: they stay percent-encoded."""


def lists_of(sent: bytes) -> Iterable[tuple[str, list[str]]]:
    """Return each name with its values, in their order; nothing where it is no UTF-8."""
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        return ()
    lists: dict[str, list[str]] = {}
    for pair in filter(None, text.split("&")):
        name, _, value = pair.partition("=")
        lists.setdefault(_decoded(name), []).append(_decoded(value))
    return lists.items()


def _decoded(text: str) -> str:
    return unquote_plus(text, errors=_INVALID_BYTES) if "%" in text or "+" in text else text
