"""Knows what personal data and secrets look like, and the test people: none may be in a log."""

import re
from functools import cache

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
        "a password or secret of the tests": r"Tulipes&Violon|a-secret-of-|demo-only-",
        "a mailed link": r"/(?:activation|mot-de-passe-oublie)/[\w-]{20}",
    }.items()
}


_LONG_NUMBERS = re.compile(r"\d{13,}|\d{5}2[AB]\d{6}")
_WORD = re.compile(r"[^\W_][\w-]+")
_SHORT = 4  # letters: so many stand side by side in a reference by chance


def leaks(text: str) -> list[str]:
    """Return what kinds of data the text holds that it must not; never the data."""
    found = [kind for kind, shape in _SHAPES.items() if shape.search(text)]
    numbers = " ".join(_LONG_NUMBERS.findall(text))
    found += [kind for kind, value in _numbers() if value in numbers]
    return found + sorted({_words()[word] for word in _words().keys() & set(_WORD.findall(text))})


@cache
def _numbers() -> list[tuple[str, str]]:
    """Return what is looked for inside other words too."""
    found = [("the number of a test person", row["nir"]) for row in every_row()]
    return found + [
        ("the serial of a test person", row["vitale_serial"])
        for row in every_row()
        if row["vitale_serial"]
    ]


@cache
def _words() -> dict[str, str]:
    """Return names, in the letters of the register or as people write them, and birth dates."""
    found: dict[str, str] = {}
    for row in every_row():
        found[row["birth_date"]] = "the birth date of a test person"
        for name in ("birth_name", "usage_name", "given_names"):
            for word in row[name].split():
                if len(word) > _SHORT:
                    kind = "the name of a test person"
                    found |= {word: kind, word.title(): kind}
    return found
