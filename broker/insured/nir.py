"""The social security number (numéro de sécurité sociale, NIR)."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from stdnum.fr import nir as nir_keys

from broker.base.errors import InvalidField
from broker.base.typed import bare

LENGTH = 13
_KEY_LENGTH = 2
# [0-9], not \d, and fullmatch: \d also takes the digits of other scripts, $ also takes "\n".
_TYPED = re.compile(
    r"[1-4][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])(?:[0-9]{2}|2[AB])[0-9]{6}"
    r"|[5-8][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}"
)
_FILED = re.compile(r"[1-8][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}")
_KEY = re.compile(r"[0-9]{2}")
_FIRST_UNKNOWN_MONTH = 20


class NotANir(InvalidField):
    """What was typed is no social security number; ``field`` tells ``nir`` or ``nir_key``."""

    def __init__(self, field_name: str = "nir") -> None:
        super().__init__("nir.invalid")
        self.field = field_name


class NirKind(StrEnum):
    """What the first digit says; whether a number is provisional is the register's to tell."""

    REGISTERED = "registered"
    BEING_REGISTERED = "being_registered"
    PASSING_MIGRANT = "passing_migrant"
    PROVISIONAL = "provisional"


_KINDS = dict(zip("12345678", (kind for kind in NirKind for _ in range(2)), strict=True))
_STRUCTURED = frozenset({NirKind.REGISTERED, NirKind.BEING_REGISTERED})


@dataclass(frozen=True, slots=True)
class Nir:
    """A social security number that has been checked, without its key."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what was typed: spaces, hyphens and dots pass; a key, when typed, must be right."""
        compact = bare(text).replace(".", "")
        value = compact.upper() if compact.isascii() else ""
        number, key = value[:LENGTH], value[LENGTH:]
        if not _TYPED.fullmatch(number) or (key and not _KEY.fullmatch(key)):
            raise NotANir
        if key and key != key_of(number):
            raise NotANir("nir_key")
        return cls(number)

    @classmethod
    def filed(cls, number: str, key: str) -> Self:
        """Read a number of the register's file, its key beside it (data/README.md)."""
        if not _FILED.fullmatch(number):
            raise NotANir
        if key != key_of(number):
            raise NotANir("nir_key")
        return cls(number)

    @property
    def masked(self) -> str:
        """What its holder recognises it by: sex and year of birth."""
        return f"{self.value[0]} {self.value[1:3]} ** ** *** ***"

    @property
    def kind(self) -> NirKind:
        """What the first digit says."""
        return _KINDS[self.value[0]]

    @property
    def place(self) -> str | None:
        """Code of the birthplace in force at birth; None where the number is not built so."""
        return self.value[5:10] if self.kind in _STRUCTURED else None

    @property
    def month_unknown(self) -> bool:
        """Whether the number was given to somebody whose month of birth is unknown."""
        return self.kind in _STRUCTURED and int(self.value[3:5]) >= _FIRST_UNKNOWN_MONTH


def key_of(number: str) -> str:
    """Return the two digits of the key: 97 - N mod 97, with 2A read 19 and 2B read 18."""
    return str(nir_keys.calc_check_digits(number))
