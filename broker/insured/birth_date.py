"""Birth dates, whose day or month may be unknown."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from broker.base.errors import InvalidField

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_BETWEEN = r"[\s/.,:;_\-\u2010-\u2015]{1,3}"
_TYPED = re.compile(rf"([0-9]{{1,2}}){_BETWEEN}([0-9]{{1,2}}){_BETWEEN}([0-9]{{4}})")
_COMPACT = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_EARLIEST_YEAR = 1850
_MONTHS, _DAYS = 12, 31


class NotADate(InvalidField):
    """What was given is no date of the calendar."""

    def __init__(self) -> None:
        super().__init__("date_naissance.invalid")


@dataclass(frozen=True, slots=True, order=True)
class BirthDate:
    """A day of birth; an unknown day or month is 0 (a "date lunaire", such as 00/00/1956)."""

    year: int = field(repr=False)
    month: int = field(repr=False)
    day: int = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what no calendar holds."""
        known = 0 < self.month <= _MONTHS
        last = monthrange(self.year, self.month)[1] if known and self.year else _DAYS
        if self.year < _EARLIEST_YEAR or self.month > _MONTHS or self.day > last:
            raise NotADate

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person typed: jj/mm/aaaa, one or two digits, any separator, 00 allowed."""
        stripped = text.strip()
        typed = _TYPED.fullmatch(stripped) or _COMPACT.fullmatch(stripped)
        if typed:
            day, month, year = (int(part) for part in typed.groups())
            return cls(year, month, day)
        return cls.iso(stripped)  # what a browser fills in for autocomplete="bday"

    @classmethod
    def iso(cls, text: str) -> Self:
        """Read YYYY-MM-DD, 00 for an unknown day or month."""
        found = _ISO.fullmatch(text)
        if not found:
            raise NotADate
        year, month, day = (int(part) for part in found.groups())
        return cls(year, month, day)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}-{self.day:02}"

    @property
    def complete(self) -> bool:
        """Whether both day and month are known."""
        return bool(self.month and self.day)

    @property
    def presumed(self) -> "BirthDate":
        """The date with 01 for what is unknown, as the national register completes it."""
        return BirthDate(self.year, self.month or 1, self.day or 1)

    def accepts(self, typed: "BirthDate") -> bool:
        """Tell whether *typed* is this date; 00 or 01 stands for what is unknown here."""
        return typed.year == self.year and all(
            given == known if known else given in (0, 1)
            for known, given in ((self.month, typed.month), (self.day, typed.day))
        )

    def hides(self, complete: "BirthDate") -> bool:
        """Tell whether *complete* may be this date completed with 01 (only where it has 01)."""
        return self != complete and self.presumed == complete

    def age_is_at_least(self, years: int, on: date) -> bool:
        """Tell whether the person surely has that age; unknown parts count as the last day."""
        month = self.month or _MONTHS
        day = self.day or _DAYS
        return (self.year + years, month, day) <= (on.year, on.month, on.day)
