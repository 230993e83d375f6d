"""CSV that a spreadsheet may open: what others wrote stays text there, and is no formula."""

import re
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width too
_SPECIAL = re.compile('[",\r\n]')
_AS_TEXT = "'"


def csv_of(rows: Iterable[Sequence[object]]) -> str:
    """Return the lines (RFC 4180, ended by LF); an apostrophe makes a formula a text (OWASP).

    Python's own writer quotes no lone CR before 3.13: a reader would begin a line there.
    """
    return "".join(f"{','.join(map(_cell, row))}\n" for row in rows)


def _cell(value: object) -> str:
    text = str(value)
    if isinstance(value, str) and text.startswith(_FORMULA):
        text = f"{_AS_TEXT}{text}"
    if _SPECIAL.search(text):
        return '"{}"'.format(text.replace('"', '""'))
    return text
