"""Telephone numbers, French ones of every territory first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from broker.base.errors import InvalidField

# An overseas number is no valid number of mainland France: 0692… is +262, not +33.
_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF", "WF")
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
# Numbers that ARCEP keeps for fiction, which libphonenumber does not all know.
_FICTION = re.compile(r"\+33(?:19900|26191|35301|46571|53649|63998)[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone number in the international form (E.164)."""

    value: str = field(repr=False)

    @classmethod
    def mobile(cls, text: str) -> Self | None:
        """Read an optional mobile number; None where nothing was typed."""
        return cls._read(text, mobile=True, refusal="telephone_portable.invalid")

    @classmethod
    def landline(cls, text: str) -> Self | None:
        """Read an optional fixed number; None where nothing was typed."""
        return cls._read(text, mobile=False, refusal="telephone_fixe.invalid")

    @classmethod
    def _read(cls, text: str, *, mobile: bool, refusal: str) -> Self | None:
        if not text:
            return None
        for number in _readings(text):
            written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            if _FICTION.fullmatch(written):
                kind_is_mobile = written.startswith(("+336", "+337"))
            elif phonenumbers.is_valid_number(number):
                kind_is_mobile = phonenumbers.number_type(number) in _MOBILE
            else:
                continue
            if kind_is_mobile == mobile:
                return cls(written)
        raise InvalidField(refusal)


def _readings(text: str) -> Iterator[PhoneNumber]:
    if not text.isascii():
        text = re.sub(r"[\u00a0\u202f\u2009]", " ", text)
    for region in _REGIONS:
        try:
            yield phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
