"""Names folded for comparison (SPEC E.3 rows 1, 2 and 5)."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from anyascii import anyascii

from broker.base.errors import InvalidField

_NOT_KEPT = re.compile(r"[^A-Z0-9]+")
_BETWEEN_NAMES = re.compile(r"[\s\u00a0\u202f]+")
_LONGEST_TYPED = 80


@lru_cache(maxsize=1 << 15)  # most people share their names with others: imports gain
def fold(text: str) -> str:
    """Return *text* in A to Z without separators: ``d'Œuvré-Le Gall`` gives ``DOEUVRELEGALL``.

    Digits stay, so that a name that holds one differs from the name without it.
    """
    latin = text if text.isascii() else anyascii(text)
    return _NOT_KEPT.sub("", latin.upper())


def given_names(text: str) -> tuple[str, ...]:
    """Return the folded given names of a list separated by spaces, or by commas where it has any.

    A hyphen never separates: ``JEAN-PIERRE PAUL`` is two names.
    """
    parts = text.split(",") if "," in text else _BETWEEN_NAMES.split(text)
    return tuple(filter(None, map(fold, parts)))


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
