"""Gives each rank of a population a number of its own: a year, a month, a sex, a place, an order.

A NIR holds them all, hence must be unique; drawing them would need the memory of all that was
drawn. Instead every possible number has a slot, and the ranks visit the slots in a fixed order
that never comes back to one.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import gcd
from typing import NamedTuple, Self

FIRST_YEAR, YEARS = 1920, 100  # one century: a NIR has two digits for the year
_MONTHS = 12
_PER_MONTH = 16_384  # slots of one sex and month over all places, or nearly
_STRIDE = 0.6180339887  # golden ratio: neighbours in rank are strangers in slot
_ORDERS = 999


class Number(NamedTuple):
    """What a NIR is made of."""

    male: bool
    year: int
    month: int
    place: int
    """Rank of the place."""
    order: int

    def nir(self, place_code: str) -> str:
        """Return the 13 characters."""
        sex = 1 if self.male else 2
        return f"{sex}{self.year % 100:02}{self.month:02}{place_code}{self.order:03}"


@dataclass(frozen=True)
class Slots:
    """All numbers of a century, more frequent places having more of them."""

    places: Sequence[int]
    """Where the orders of each place begin, among those of one sex and month."""
    stride: int

    @classmethod
    def of(cls, weights: Sequence[float]) -> Self:
        """Lay the slots out for places of these weights."""
        unit = _PER_MONTH / sum(weights)
        orders = [max(1, round(weight * unit)) for weight in weights]
        if max(orders) > _ORDERS:
            raise ValueError("one place is too frequent")
        places = [0, *accumulate(orders)]
        most = 2 * YEARS * _MONTHS * places[-1]
        stride = round(most * _STRIDE)
        while gcd(stride, most) != 1:
            stride += 1
        return cls(places, stride)

    @property
    def most(self) -> int:
        """How many people have a number of their own."""
        return 2 * YEARS * _MONTHS * self.places[-1]

    def number(self, rank: int) -> Number:
        """Return the number of the person of that rank, below *most*."""
        cell, within = divmod(rank * self.stride % self.most, self.places[-1])
        years, month = divmod(cell, _MONTHS)
        male, year = divmod(years, YEARS)
        place = bisect_right(self.places, within) - 1
        order = within - self.places[place] + 1
        return Number(bool(male), FIRST_YEAR + year, month + 1, place, order)
