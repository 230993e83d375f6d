"""What proves that a person holds the file: post code, bank account, Vitale card."""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Self

from broker.base.crypto import same
from broker.base.errors import InvalidField
from broker.base.typed import bare

_POSTAL_CODE = re.compile(r"[0-9]{5}")
_IBAN_END = re.compile(r"[0-9A-Z]{7}")
_VITALE_END = re.compile(r"[0-9]{11}")
_VITALE_TEN = re.compile(r"[0-9]{10}")
_SERIAL = re.compile(r"[0-9]{21}")
_FRENCH_IBAN = re.compile(r"FR[0-9]{12}[0-9A-Z]{11}[0-9]{2}")
_ANY_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_TYPED_OF_IBAN = 7
_SHOWN_OF_SERIAL = 10
_HIDDEN = "."


class Unreadable(ValueError):
    """A value of the register's file has the wrong shape."""


@dataclass(frozen=True, slots=True)
class PostalCode:
    """A French post code, as typed."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read five digits, spaces and hyphens dropped."""
        value = bare(text)
        if not _POSTAL_CODE.fullmatch(value):
            raise InvalidField("code_postal.invalid")
        return cls(value)


@dataclass(frozen=True, slots=True)
class IbanEnd:
    """The seven last characters of an IBAN, as typed: digits or letters."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read seven characters, spaces and hyphens dropped, letters in either case."""
        value = bare(text)
        # Some letters outside ASCII have an ASCII capital: they are not what the card shows.
        if not (value.isascii() and _IBAN_END.fullmatch(value.upper())):
            raise InvalidField("iban7.invalid")
        return cls(value.upper())


@dataclass(frozen=True, slots=True)
class VitaleEnd:
    """The eleven last digits of the serial number of a Vitale card, as typed."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read eleven digits; ten get a hint of their own, since many cards print no last 9."""
        value = bare(text)
        if _VITALE_TEN.fullmatch(value):
            raise InvalidField("vitale11.ten_digits")
        if not _VITALE_END.fullmatch(value):
            raise InvalidField("vitale11.invalid")
        return cls(value)


@dataclass(frozen=True, slots=True)
class Iban:
    """A bank account of the register."""

    french_length: ClassVar[int] = 27

    value: str = field(repr=False)

    @classmethod
    def filed(cls, text: str) -> Self:
        """Read an IBAN of the register's file; a French one has its own shape."""
        shape = _FRENCH_IBAN if text.startswith("FR") else _ANY_IBAN
        if not shape.fullmatch(text):
            raise Unreadable("iban")
        return cls(text)

    @property
    def french(self) -> bool:
        """Whether the account is French, so that its layout can be shown."""
        return _FRENCH_IBAN.fullmatch(self.value) is not None

    @property
    def mask(self) -> tuple[str, ...]:
        """Groups to show before the seven characters to type: ``FR.. 2004 1... ..01 3478``.

        Check digits and branch (guichet) are hidden: with them an attacker's guesses get fewer.
        """
        country, bank, account = self.value[:2], self.value[4:9], self.value[14:-_TYPED_OF_IBAN]
        shown = f"{country}{_HIDDEN * 2}{bank}{_HIDDEN * 5}{account}"
        return tuple(shown[start : start + 4] for start in range(0, len(shown), 4))

    def ends_with(self, end: IbanEnd) -> bool:
        """Compare in constant time."""
        return same(self.value[-_TYPED_OF_IBAN:], end.value)


@dataclass(frozen=True, slots=True)
class VitaleSerial:
    """The 21 digits of a card: ten are shown, eleven are asked."""

    value: str = field(repr=False)

    @classmethod
    def filed(cls, text: str) -> Self:
        """Read a serial number of the register's file."""
        if not _SERIAL.fullmatch(text):
            raise Unreadable("vitale_serial")
        return cls(text)

    @property
    def shown(self) -> str:
        """The ten digits that the page shows."""
        return self.value[:_SHOWN_OF_SERIAL]

    def ends_with(self, end: VitaleEnd) -> bool:
        """Compare in constant time."""
        return same(self.value[_SHOWN_OF_SERIAL:], end.value)
