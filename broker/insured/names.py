"""Names folded for comparison, and what folding set aside."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Self

from anyascii import anyascii

from broker.base.errors import InvalidField
from broker.insured.tolerances import Tolerance

_NOT_KEPT = re.compile(r"[^A-Z0-9]+")
_BETWEEN_NAMES = re.compile(r"[\s\u00a0\u202f]+")
_HYPHEN = re.compile(r"\s*[\-\u2010-\u2015\u2212]\s*")
_SEPARATORS = re.compile(
    r"([\s\-\u2010-\u2015\u2212'\u2018-\u201f\u02b9-\u02bf\u2032`\u0301\".,\u00b7\u00ab\u00bb]+)"
)  # hyphens, apostrophes and what people type for them, quotes, full stops
_LOST = re.compile(r"[?*\ufffd]")
_LONGEST_TYPED = 80
# What registers write for people without a name: no name at all.
_NO_NAME = re.compile(
    r"X+|SNP|SP|NC|SANSNOM|SANSPRENOM|SANSPATRONYME|NON(?:RENSEIGNE|COMMUNIQUE|CONNU)E?"
    r"|(?:NOM|PRENOM)?INCONNUE?|ANONYME|NEANT|NULL"
)
_PLACEHOLDER = re.compile(r"X+")


@lru_cache(maxsize=1 << 15)  # most people share their names with others: imports gain
def fold(text: str) -> str:
    """Return *text* in A to Z without separators: ``d'Œuvré-Le Gall`` gives ``DOEUVRELEGALL``.

    Digits stay, so that a name that holds one differs from the name without it.
    """
    latin = text if text.isascii() else anyascii(text)
    return _NOT_KEPT.sub("", latin.upper())


def given_names(text: str) -> tuple[str, ...]:
    """Return the folded given names of a list separated by spaces, or by commas where it has any.

    A hyphen never separates, nor do spaces around it: ``JEAN - PIERRE PAUL`` is two names.
    """
    parts = text.split(",") if "," in text else _BETWEEN_NAMES.split(_HYPHEN.sub("-", text))
    return tuple(filter(None, map(fold, parts)))


def is_name(*folded: str) -> bool:
    """Tell whether a name, or a list of names, is one, and not what is written for want of it."""
    joined = "".join(folded)
    if any(_PLACEHOLDER.fullmatch(name) for name in folded) or _NO_NAME.fullmatch(joined):
        return False
    return any(char.isalpha() for char in joined)


def written(text: str) -> str:
    """Return *text* with composed letters and without what is invisible: it can be measured."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    return "".join(char for char in composed if unicodedata.category(char) != "Cf")


def beginning(text: str, letters: int) -> str | None:
    """Return the shortest start of *text* that folds to that many letters; None when none does."""
    counted = accumulate(len(fold(char)) for char in text)
    return next((text[: end + 1] for end, total in enumerate(counted) if total == letters), None)


@lru_cache(maxsize=1 << 14)
def set_aside(left: str, right: str) -> tuple[Tolerance, ...]:
    """Return what distinguishes two names that fold to the same letters; nothing when equal."""
    lost = (Tolerance.UNREADABLE,) if _LOST.search(left + right) else ()
    return lost if left == right else (*lost, *_differences(left, right))


def _differences(left: str, right: str) -> Iterator[Tolerance]:
    plain = _plain(left), _plain(right)
    if plain != (left, right):
        yield Tolerance.FORM
    if _between(plain[0]) != _between(plain[1]):
        yield Tolerance.SEPARATORS
    ours, theirs = (_SEPARATORS.sub("", text) for text in plain)
    latin = _latin(ours), _latin(theirs)
    if latin[0].upper() != latin[1].upper():
        yield Tolerance.SCRIPT if _is_foreign(ours + theirs) else Tolerance.SYMBOLS
        return
    if latin[0] != latin[1]:
        yield Tolerance.CASE
    if ours.upper() != theirs.upper():
        yield Tolerance.ACCENTS


def _plain(text: str) -> str:
    return text if text.isascii() else written(unicodedata.normalize("NFKC", text))


def _between(text: str) -> list[str]:
    """Keep the separators as they are, and of the letters what they fold to."""
    return [
        part if _SEPARATORS.fullmatch(part) else fold(part) for part in _SEPARATORS.split(text)
    ]


def _latin(text: str) -> str:
    """Return *text* without accents, but letters of other scripts and symbols as they are."""
    if text.isascii():
        return text
    return "".join(anyascii(char) if _is_latin(char) else char for char in text)


def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith(("LATIN", "COMBINING"))


def _is_foreign(text: str) -> bool:
    return any(char.isalpha() and not _is_latin(char) for char in text)


@dataclass(frozen=True, slots=True)
class TypedName:
    """A family name, birth or usage, as a person typed it."""

    folded: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 1 to 80 characters that hold at least one letter."""
        folded = fold(text)
        if len(text.strip()) > _LONGEST_TYPED or not any(char.isalpha() for char in folded):
            raise InvalidField("nom.invalid")
        return cls(folded)
