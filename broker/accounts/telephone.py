"""Telephone numbers, French ones of every territory first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from broker.base.errors import InvalidField

# An overseas number is no valid number of mainland France: 0692… is +262, not +33.
_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF", "WF")
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
# Numbers that ARCEP keeps for fiction, which libphonenumber does not all know.
_FICTION = re.compile(r"\+33(?:19900|26191|35301|46571|53649|63998)[0-9]{4}")

_MAINLAND = re.compile(r"\+33[1-79][0-9]{8}")
_MOBILE_PREFIXES = ("+336", "+337")
_UNUSUAL_SPACES = re.compile(r"[\u00a0\u202f\u2009]")


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone number in the international form (E.164)."""

    value: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The number as a person in France writes it."""
        number = phonenumbers.parse(self.value)
        at_home = number.country_code == phonenumbers.country_code_for_region("FR")
        form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(number, form)

    @classmethod
    def mobile(cls, text: str) -> Self | None:
        """Read an optional mobile number; None where nothing was typed."""
        return cls._read(text, mobile=True, refusal="telephone_portable.invalid")

    @classmethod
    def landline(cls, text: str) -> Self | None:
        """Read an optional fixed number; None where nothing was typed."""
        return cls._read(text, mobile=False, refusal="telephone_fixe.invalid")

    @classmethod
    def either(cls, text: str) -> tuple[Self | None, Self | None]:
        """Read an optional number of either kind: the mobile one, the fixed one."""
        if not text:
            return None, None
        for written, kind in _readings(text):
            number = cls(written)
            return (number, None) if kind == "mobile" else (None, number)
        raise InvalidField("telephone.invalid")

    @classmethod
    def _read(cls, text: str, *, mobile: bool, refusal: str) -> Self | None:
        if not text:
            return None
        kind = "mobile" if mobile else "landline"
        for written, of_kind in _readings(text):
            if of_kind == kind:
                return cls(written)
        raise InvalidField(refusal)


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield each way to read the number, the likeliest first, with its kind."""
    numbers = list(_numbers(_UNUSUAL_SPACES.sub(" ", text)))
    for number in numbers:
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _FICTION.fullmatch(written):
            yield written, _kind_by_prefix(written)
        elif phonenumbers.is_valid_number(number):
            mobile = phonenumbers.number_type(number) in _MOBILE
            yield written, "mobile" if mobile else "landline"
    # Blocks of numbers are opened faster than libraries are updated.
    for number in numbers[:1]:
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _MAINLAND.fullmatch(written):
            yield written, _kind_by_prefix(written)


def _kind_by_prefix(written: str) -> str:
    return "mobile" if written.startswith(_MOBILE_PREFIXES) else "landline"


def _numbers(text: str) -> Iterator[PhoneNumber]:
    for region in _REGIONS:
        try:
            yield phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
