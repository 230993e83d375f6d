"""The people whom the demo proposes exist, and what it tells to type is right."""

import csv
import tomllib
import unicodedata
from pathlib import Path

import pytest

from demo.__main__ import welcome

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = tomllib.loads((ROOT / "data" / "demo_people.toml").read_text(encoding="utf-8"))


def register(name):
    with (ROOT / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("person", PEOPLE["card"], ids=lambda person: person["who"])
def test_the_values_to_type_are_those_of_one_eligible_insured_person(person):
    nir = person["nir"].replace(" ", "")

    (row,) = [row for row in register("records.csv") if row["nir"] == nir]

    day, month, year = person["date_naissance"].split("/")
    assert row["birth_name"] == person["nom"]
    assert row["birth_date"] == f"{year}-{month}-{day}"
    assert row["postal_code"] == person["code_postal"]
    assert row["ibans"][-7:] == person["iban7"]
    assert row["vitale_serial"][-11:] == person["vitale11"]
    assert (row["quality"], row["has_account"], row["vitale_status"]) == ("assure", "0", "active")
    assert (row["nir_status"], row["rights_open"], row["regime"]) == ("definitive", "1", "RG")
    assert "|" not in row["ibans"]


def unaccented(name: str) -> str:
    """The register writes names without accents."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


@pytest.mark.parametrize("person", PEOPLE["franceconnect"], ids=lambda person: person["login"])
def test_a_franceconnect_login_belongs_to_an_insured_person_without_account(person):
    (row,) = [
        row
        for row in register("demo_records.csv")
        if (row["birth_name"], row["birth_date"])
        == (unaccented(person["family_name"]), person["birth_date"])
    ]

    assert (row["identity_certified"], row["rights_open"], row["has_account"]) == ("1", "1", "0")


def test_the_welcome_tells_addresses_and_values():
    text = welcome()

    assert "http://localhost:8002" in text
    assert PEOPLE["card"][0]["vitale11"] in text
    assert PEOPLE["franceconnect"][0]["login"] in text
