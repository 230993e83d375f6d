"""People of the sample register that tests may be: each is handed out once."""

import csv
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.places import ROOT


@dataclass(frozen=True)
class Insured:
    """What a person knows of themselves when they create an account by card."""

    nom: str
    nir: str
    date_naissance: str
    code_postal: str
    iban7: str
    vitale11: str

    @property
    def identity(self) -> dict[str, str]:
        return {
            "nom": self.nom,
            "nir": self.nir,
            "date_naissance": self.date_naissance,
            "code_postal": self.code_postal,
        }


@functools.cache
def every_row() -> tuple[dict[str, str], ...]:
    """Return the sample register as it is written."""
    return tuple(_read("data/records.csv"))


def _read(name: str) -> list[dict[str, str]]:
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_ELIGIBLE = {
    "nir_status": "definitive",
    "identity_certified": "1",
    "regime": "RG",
    "rights_open": "1",
    "vitale_status": "active",
    "has_account": "0",
    "quality": "assure",
}


def without_account(**changes: str) -> Iterator[Insured]:
    """Yield people who can create an account, or who cannot for the one reason in *changes*."""
    yield from (_insured(row) for row in _rows({**_ELIGIBLE, **changes}))


def at_franceconnect(birth_name: str) -> Insured:
    """Return what the person of that name, whom FranceConnect knows too, knows of themselves."""
    rows = _read("data/demo_records.csv")
    return next(_insured(row) for row in rows if row["birth_name"] == birth_name)


def write_register(file: Path, people: int) -> Path:
    """Write the first *people* of those who can create an account, and FranceConnect's people.

    The whole sample has accounts: with production's password costs, a minute of hashing.
    """
    rows = [*itertools.islice(_rows(_ELIGIBLE), people), *_read("data/demo_records.csv")]
    with file.open("w", encoding="utf-8", newline="") as written:
        table = csv.DictWriter(written, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return file


def _rows(wanted: dict[str, str]) -> Iterator[dict[str, str]]:
    for row in every_row():
        if all(row[name] == value for name, value in wanted.items()) and _usual(row):
            yield row


def _usual(row: dict[str, str]) -> bool:
    """Leave out partly unknown birth dates and foreign accounts: their tests name them."""
    one_french = row["ibans"].startswith("FR") and "|" not in row["ibans"]
    adult = row["birth_date"] < "2005"
    return "-00" not in row["birth_date"] and one_french and adult and bool(row["vitale_serial"])


def _insured(row: dict[str, str]) -> Insured:
    year, month, day = row["birth_date"].split("-")
    return Insured(
        nom=row["birth_name"],
        nir=row["nir"],
        date_naissance=f"{day}/{month}/{year}",
        code_postal=row["postal_code"],
        iban7=row["ibans"][-7:],
        vitale11=row["vitale_serial"][-11:],
    )
