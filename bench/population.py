"""A register of fictional people of any size, made of the names and other columns of the sample.

Names and places come as often as in the sample, each drawn on its own, so that people who share
a name and a day of birth are rather more frequent than in France. Numbers (NIR) are unique by
construction. The same size and rank always give the same person.
"""

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Self

from bench.numbers import Number, Slots
from broker.insured.filed import COLUMNS, FiledRow

_SAMPLE = Path(__file__).resolve().parent.parent / "data/records.csv"
BLOCK = 10_000  # people who share one source of chance
_KEY = 97
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_UNKNOWN_DAY = 0.01  # share of people
_GENERATION = 20  # years in which the same given names are in fashion


@dataclass(frozen=True)
class Sample:
    """What the people of a register are drawn from."""

    rows: list[FiledRow]
    surnames: list[str]
    given: dict[tuple[str, int], list[str]]
    """By sex and generation."""
    places: list[tuple[str, str]]
    """Place and country of birth."""
    slots: Slots

    @classmethod
    def read(cls) -> Self:
        """Read the sample's columns."""
        with _SAMPLE.open(encoding="utf-8", newline="") as lines:
            rows = [FiledRow(**row) for row in csv.DictReader(lines)]
        given: dict[tuple[str, int], list[str]] = defaultdict(list)
        for row in rows:
            if row.given_names:
                given[row.sex, _generation(int(row.birth_date[:4]))].append(row.given_names)
        places = Counter((row.birthplace_cog, row.birthcountry_cog) for row in rows)
        surnames = [row.birth_name for row in rows]
        return cls(rows, surnames, dict(given), list(places), Slots.of(list(places.values())))

    def block(self, number: int, size: int = BLOCK) -> Iterator[FiledRow]:
        """Yield the first people of a block; a dependant has the number of whoever came before."""
        chance = random.Random(number)
        holder = ""
        for rank in range(number * BLOCK, number * BLOCK + size):
            person = self._person(rank, chance)
            if person.quality == "ayant_droit" and holder:
                person = person._replace(
                    nir=holder, nir_key=f"{key_of(holder):02}", holder_nir=holder
                )
            else:
                holder = person.nir
                person = person._replace(quality="assure", holder_nir="")
            yield person

    def _person(self, rank: int, chance: random.Random) -> FiledRow:
        number, other = self.slots.number(rank), chance.choice(self.rows)
        place, country = self.places[number.place]
        nir, sex = number.nir(place), "M" if number.male else "F"
        return other._replace(
            nir=nir,
            nir_key=f"{key_of(nir):02}",
            birth_name=chance.choice(self.surnames),
            given_names=chance.choice(self.given[sex, _generation(number.year)]),
            sex=sex,
            birth_date=_birth_date(number, chance),
            birthplace_cog=place,
            birthcountry_cog=country,
            vitale_serial=other.vitale_serial and f"802500000{chance.randrange(10**12):012}",
            account_email=other.account_email and f"n{rank}@exemple.fr",
        )


@cache
def sample() -> Sample:
    """Return the sample, read once."""
    return Sample.read()


@dataclass(frozen=True)
class Population:
    """A register of so many people."""

    size: int
    accounts: bool = True
    """Whether those have an account already to whom the sample gives one (57 %)."""

    @property
    def blocks(self) -> range:
        """The numbers of its blocks."""
        return range(-(-self.size // BLOCK))

    def people(self, number: int) -> list[FiledRow]:
        """Return the people of one block."""
        people = sample().block(number, min(BLOCK, self.size - number * BLOCK))
        if self.accounts:
            return list(people)
        return [person._replace(has_account="0", account_email="") for person in people]

    def write(self, target: Path, processes: int = 2) -> None:
        """Write the register's file; it does not depend on how many processes write it."""
        sample()
        with target.open("wb") as file, get_context("fork").Pool(processes) as pool:
            file.write(",".join(COLUMNS).encode() + b"\n")
            file.writelines(pool.imap(self._lines, self.blocks))

    def _lines(self, number: int) -> bytes:
        return "".join(",".join(row) + "\n" for row in self.people(number)).encode()


def key_of(nir: str) -> int:
    """Return the key of a NIR (97 minus the remainder, Corsica as 19 and 18)."""
    return _KEY - int(nir.replace("2A", "19").replace("2B", "18")) % _KEY


def _generation(year: int) -> int:
    return year // _GENERATION


def _birth_date(number: Number, chance: random.Random) -> str:
    known = chance.random() >= _UNKNOWN_DAY
    day = chance.randint(1, _DAYS[number.month - 1]) if known else 0
    return f"{number.year}-{number.month:02}-{day:02}"
