"""A register of fictional people of any size, made from the sample's rows."""

import csv
from collections.abc import Iterator
from pathlib import Path

_KEY = 97
_ORDERS = 999


def write(sample: Path, target: Path, size: int) -> None:
    """Write *size* rows: each sample row again and again, with another order number in its NIR."""
    with sample.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(_people(rows, size))


def _people(rows: list[dict[str, str]], size: int) -> Iterator[dict[str, str]]:
    for number in range(size):
        row = dict(rows[number % len(rows)])
        turn = number // len(rows)
        if turn:
            row["nir"] = f"{row['nir'][:10]}{(int(row['nir'][10:]) + turn - 1) % _ORDERS + 1:03}"
            row["nir_key"] = f"{key(row['nir']):02}"
            row["holder_nir"] = ""
            row["quality"] = "assure"
            row["given_names"] = f"{row['given_names']} {_letters(turn)}"
            row["account_email"] = f"n{number}@exemple.fr" if row["has_account"] == "1" else ""
        yield row


def key(nir: str) -> int:
    """Return the key of a NIR (97 minus the remainder, Corsica as 19 and 18)."""
    return _KEY - int(nir.replace("2A", "19").replace("2B", "18")) % _KEY


def _letters(number: int) -> str:
    return "".join(chr(ord("A") + int(digit)) for digit in str(number))
