"""The tables of places that came with the code, and where each came from."""

import csv
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

REFERENCE = files("broker.insured") / "reference"
_SHOWN = 12  # hexadecimal digits of a digest that a decision record names


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a table came from; ``digest`` is the SHA-256 of its file."""

    content: str
    source: str
    edition: date
    licence: str
    imported_on: date
    digest: str
    decides: bool
    """Whether matching depends on it, or only what people read."""

    @property
    def version(self) -> str:
        """What a decision record names: the edition, and which state of it."""
        return f"{self.edition} {self.digest[:_SHOWN]}"


class TableAltered(Exception):
    """A table is not the one whose origin is declared: its digest differs."""


@cache
def provenances() -> dict[str, Provenance]:
    """Return the origin of every table, by name."""
    declared = tomllib.loads((REFERENCE / "tables.toml").read_text(encoding="utf-8"))
    return {name: Provenance(**facts) for name, facts in declared.items()}


def table_versions() -> dict[str, str]:
    """Return the version of each table that decides, for decision records."""
    return {name: each.version for name, each in provenances().items() if each.decides}


def rows(name: str, folder: Traversable = REFERENCE) -> Iterator[dict[str, str]]:
    """Yield the rows of a table; TableAltered when it is not the declared one."""
    content = (folder / f"{name}.csv").read_bytes()
    if hashlib.sha256(content).hexdigest() != provenances()[name].digest:
        raise TableAltered(name)
    yield from csv.DictReader(content.decode("utf-8").splitlines())
