"""The fictional people who may log in at a simulated identity provider."""

import csv
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from demo.franceconnect.identity import faulty_fields
from demo.franceconnect.model import Claims

PASSWORD = "123"  # noqa: S105 - the published password of every test identity
_SHORT_SUB = 12
_CSV_CLAIMS = (
    "given_name",
    "family_name",
    "preferred_username",
    "gender",
    "email",
    "birthdate",
    "birthplace",
    "birthcountry",
)


@dataclass(frozen=True)
class Citizen:
    """One fictional person: *identity* is what an identity provider says of them.

    *recorded* is what FranceConnect gave for that person, when it was recorded (pivots.jsonl).
    """

    login: str
    password: str = field(repr=False)
    identity: Claims = field(repr=False)
    recorded: Claims | None = field(default=None, repr=False)
    recorded_sub: str | None = None
    note: str = ""

    @property
    def is_acceptable(self) -> bool:
        """Whether FranceConnect accepts this identity at all."""
        return not faulty_fields(self.identity)


class Citizens:
    """Everybody known, found by login or by a few letters of a name."""

    def __init__(self, citizens: list[Citizen]) -> None:
        self._all = citizens
        self._by_login = {_folded(citizen.login): citizen for citizen in citizens}
        for citizen in citizens:
            if citizen.recorded_sub:
                self._by_login[citizen.recorded_sub[:_SHORT_SUB]] = citizen

    @classmethod
    def load(cls, table: Path, pivots: Path | None) -> "Citizens":
        """Read the table of test identities, then the recorded ones."""
        return cls([*_from_csv(table), *(_from_pivots(pivots) if pivots else ())])

    def __iter__(self) -> Iterator[Citizen]:
        return iter(self._all)

    def find(self, login: str) -> Citizen | None:
        """Return who logs in with *login*; case and accents do not matter."""
        return self._by_login.get(_folded(login.strip()))

    def search(self, words: str) -> list[Citizen]:
        """Return everybody in whom each of *words* occurs: login, names, date or note."""
        wanted = _folded(words).split()
        return [each for each in self._all if all(word in _searchable(each) for word in wanted)]


def _from_csv(table: Path) -> Iterator[Citizen]:
    with table.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            identity = {name: row[name] for name in _CSV_CLAIMS}
            yield Citizen(row["login"], row["password"], identity)


def _from_pivots(pivots: Path) -> Iterator[Citizen]:
    """Give each recorded identity the login `piv-<line number>`."""
    with pivots.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            claims = json.loads(line)
            truth = claims.pop("_truth", {})
            sub = claims.pop("sub")
            yield Citizen(
                login=f"piv-{number}",
                password=PASSWORD,
                identity=claims | {"birthdate": claims["idp_birthdate"]},
                recorded=claims,
                recorded_sub=sub,
                note=" ".join(truth[key] for key in ("expect", "case") if key in truth),
            )


def _searchable(citizen: Citizen) -> str:
    identity = citizen.identity
    names = ("family_name", "preferred_username", "given_name", "birthdate")
    return _folded(
        " ".join([citizen.login, citizen.note, *(identity.get(name) or "" for name in names)])
    )


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
