"""How long matching an identity to the register takes, in the database and in Python."""

import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import Any, ClassVar

import psutil
from sqlalchemy import event, func, select

from bench.population import BLOCK, Population, sample
from bench.workshop import MIB, environment
from broker.app import create_app
from broker.base.db import Database
from broker.base.settings import load_settings
from broker.insured.filed import FiledRow
from broker.insured.lookup import Insured
from broker.insured.matching import Outcome
from broker.insured.model import InsuredPerson
from broker.insured.tables import INSURED

_FRANCE = "99100"
_BLOCKS = 20  # of the register from which people are drawn
_NAMESAKES = 1_000
Claims = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """What FranceConnect says of a person, and the only number that it may be matched to."""

    claims: Claims
    nir: str | None = None

    def spoiled(self, changes: Sequence[Claims]) -> "Identity":
        """Return somebody else: the first of *changes* that is one for this person."""
        spoiled = ({**self.claims, **change} for change in changes)
        return Identity(next(claims for claims in spoiled if claims != self.claims))


@dataclass
class Timing:
    """Milliseconds of some matches, and how many of them found their person."""

    whole: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    """From a statement's handing over to the driver to its rows: both included."""
    matched: int = 0

    COLUMNS: ClassVar = (
        "asked", "matched", "p50 ms", "p95", "p99", "database p50", "p99", "Python p50", "p99",
    )  # fmt: skip

    @property
    def p99(self) -> float:
        """Return what 99 of 100 matches took at most."""
        return _percentile(self.whole, 99)

    @property
    def figures(self) -> list[object]:
        """Return what the columns say."""
        python = [whole - base for whole, base in zip(self.whole, self.database, strict=True)]
        return [
            len(self.whole),
            self.matched,
            *(_percentile(self.whole, share) for share in (50, 95, 99)),
            *(_percentile(part, share) for part in (self.database, python) for share in (50, 99)),
        ]


class Register:
    """The matching service of a broker on one database, with a stopwatch on its statements."""

    def __init__(self, url: str, population: Population) -> None:
        services = create_app(load_settings(environment(url))).extensions["broker"]
        self.population = population
        self._insured: Insured = services[Insured]
        self._db: Database = services[Database]
        self._in_database = self._since = 0.0
        event.listen(self._db.engine, "before_cursor_execute", self._start)
        event.listen(self._db.engine, "after_cursor_execute", self._stop)

    def match(self, identity: Identity, into: Timing) -> None:
        """Match an identity; somebody else's number ends the measurement."""
        self._in_database, began = 0.0, time.perf_counter()
        found = self._insured.matcher.match(identity.claims)
        into.whole.append(1e3 * (time.perf_counter() - began))
        into.database.append(1e3 * self._in_database)
        into.matched += found.outcome is Outcome.MATCHED
        if found.nir is not None and found.nir.value != identity.nir:
            raise AssertionError(f"a false match: {found.record}")

    def identities(self, count: int) -> dict[str, list[Identity]]:
        """Return so many identities of each kind."""
        namesakes = [_of_person(person) for person in self._namesakes()]
        known = [_of_row(row) for row in self._people]
        kinds = {
            "present": known,
            "absent": [Identity(_of_row(row).claims) for row in self._nobody()],
            "namesakes": namesakes or known,
            "one field differs": list(map(Identity.spoiled, known, cycle(_SPOILERS))),
        }
        return {kind: list(islice(cycle(those), count)) for kind, those in kinds.items()}

    def close(self) -> None:
        """Give the connections back."""
        self._db.engine.dispose()

    @cached_property
    def _people(self) -> list[FiledRow]:
        """People insured in their own right from all over the register, in random order."""
        chance, blocks = random.Random(self.population.size), self.population.blocks
        drawn = chance.sample(blocks, min(len(blocks), _BLOCKS))
        rows = [row for block in drawn for row in self.population.people(block)]
        people = [row for row in rows if row.quality == "assure" and row.given_names]
        chance.shuffle(people)
        return people

    def _nobody(self) -> Iterator[FiledRow]:
        """Yield people whom the register would hold if it were larger."""
        beyond = sample().block(len(self.population.blocks), BLOCK)
        return (row for row in beyond if row.quality == "assure" and row.given_names)

    def _namesakes(self) -> list[InsuredPerson]:
        """Return people who share the beginning of their names, sex and day of birth."""
        index = INSURED.c.match_index
        shared = select(index).group_by(index).having(func.count() > 1).limit(_NAMESAKES)
        rows = self._db.all(select(INSURED).where(index.in_(shared)))
        return [self._insured.store.sealer.open(row) for row in rows]

    def _start(self, *_call: object) -> None:
        self._since = time.perf_counter()

    def _stop(self, *_call: object) -> None:
        self._in_database += time.perf_counter() - self._since


def interleaved(
    registers: Sequence[Register], kinds: Sequence[dict[str, list[Identity]]]
) -> dict[str, list[Timing]]:
    """Match by turns in each register, so that whatever else the machine does slows all alike."""
    timings = {kind: [Timing() for _ in registers] for kind in kinds[0]}
    for kind, into in timings.items():
        for asked in zip(*(each[kind] for each in kinds), strict=True):
            for register, identity, timing in zip(registers, asked, into, strict=True):
                register.match(identity, timing)
    return timings


def resident() -> int:
    """Return the memory of this process in MiB."""
    return round(psutil.Process().memory_info().rss / MIB)


def write_identities(identities: Iterable[Identity], target: Path) -> None:
    """Write a file for ``broker insured match``."""
    target.write_text("".join(json.dumps(each.claims) + "\n" for each in identities))


def _of_row(row: FiledRow) -> Identity:
    names, place = (row.birth_name, row.given_names), (row.birthplace_cog, row.birthcountry_cog)
    return Identity(_claims(*names, row.birth_date, row.sex, *place), row.nir)


def _of_person(person: InsuredPerson) -> Identity:
    names, born = (person.birth_name, person.given_names), str(person.birth_date)
    place = (person.birthplace, person.birthcountry)
    return Identity(_claims(*names, born, person.sex.value, *place), person.nir.value)


def _claims(name: str, given: str, born: str, sex: str, place: str, country: str) -> Claims:
    """Return what FranceConnect says of a person."""
    return {
        "sub": f"{name} {given}",
        "given_name": given,
        "given_name_array": given.split(),
        "family_name": name,
        "birthdate": born,
        "idp_birthdate": born,
        "gender": "male" if sex == "M" else "female",
        "birthplace": place if country == _FRANCE else "",
        "birthcountry": country,
    }


_SPOILERS: tuple[Sequence[Claims], ...] = (
    [{"family_name": name} for name in ("INCONNU", "PERSONNE")],
    [{"given_name": name, "given_name_array": [name]} for name in ("Zébulon", "Bérénice")],
    [{"birthdate": born, "idp_birthdate": born} for born in ("1961-03-17", "1961-03-18")],
    [{"birthplace": "", "birthcountry": country} for country in ("99404", "99401")],
)
"""One field changes; somebody to whom the first change would be none is given the second."""


def _percentile(values: Sequence[float], share: int) -> float:
    return quantiles(values, n=100)[share - 1]
