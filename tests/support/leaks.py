"""Knows what personal data and secrets look like, and the test people: none may be in a log."""

import re
from collections.abc import Iterable

from tests.support.people import every_row

_SHAPES = {
    kind: re.compile(shape, re.IGNORECASE)
    for kind, shape in {
        "an e-mail address": r"[\w.+-]+@[\w-]+\.[a-z]{2,}",
        "a social security number": (
            r"(?<![\w-])[1-8][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}(?:[0-9]{2})?(?![\w-])"
        ),
        "an IBAN": r"\bFR\d{2}[0-9A-Z]{23}\b",
        "a card number": r"(?<!\w)\d{21}(?!\w)",
        "a security code": r"(?<![\w.:+-])\d{6}(?![\w.:-])",
        "a field of a form": r"(?:mot_de_passe|jeton_formulaire|client_secret)=",
        "a parameter": r"[?&](?:code|state|token|id_token_hint|request_uri)=",
        "a token": r"Bearer [\w-]{20}|eyJ[\w-]{10,}\.",
        "a mailed link": r"/(?:activation|mot-de-passe-oublie)/[\w-]{20}",
    }.items()
}


def leaks(text: str) -> list[str]:
    """Return what kinds of data the text holds that it must not; never the data."""
    found = [kind for kind, shape in _SHAPES.items() if shape.search(text)]
    return found + [kind for kind, value in _people() if value in text]


def _people() -> Iterable[tuple[str, str]]:
    for row in every_row():
        yield "the number of a test person", row["nir"]
        yield "the serial of a test person", row["vitale_serial"] or "never empty"
        yield "the address of a test person", row["account_email"] or "never empty"
