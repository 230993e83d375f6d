"""Kinds of discrepancy, each with what must come of it, and the cases drawn from them."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.population.people import Draw, Person

MATCH, REFUSE = "match", "refuse"
Rows = list[dict[str, str]]
Told = tuple[Rows, dict[str, Any]]
Kind = Callable[[Draw], Told]
KINDS: dict[str, tuple[str, Kind]] = {}


@dataclass(frozen=True)
class Case:
    """Rows of the register, one identity, and what must come of it: the number, or a refusal."""

    kind: str
    rows: Rows
    claims: dict[str, Any]
    nir: str
    """Empty where the identity must be refused."""


def matches(kind: Kind) -> Kind:
    """Register a kind whose identity is the person of the first row."""
    KINDS[kind.__name__] = MATCH, kind
    return kind


def refuses(kind: Kind) -> Kind:
    """Register a kind whose identity must be refused."""
    KINDS[kind.__name__] = REFUSE, kind
    return kind


def cases(seed: object, kinds: Iterable[str] = ()) -> Iterator[Case]:
    """Yield one case of each kind; the same seed gives the same ones."""
    draw = Draw(seed)
    for name in kinds or KINDS:
        expected, kind = KINDS[name]
        rows, claims = kind(draw)
        yield Case(name, rows, claims, rows[0]["nir"] if expected == MATCH else "")


def write(drawn: Iterable[Case], register: Path, identities: Path) -> None:
    """Write the files of ``broker insured import`` and ``match``; the truth under ``_truth``."""
    with register.open("w", encoding="utf-8", newline="") as rows, identities.open("w") as lines:
        file = csv.DictWriter(rows, fieldnames=list(Draw(0).person().row()))
        file.writeheader()
        for number, case in enumerate(drawn):
            file.writerows(case.rows)
            truth = {"kind": case.kind, "nir": case.nir}
            lines.write(json.dumps({"sub": f"{number}", **case.claims, "_truth": truth}) + "\n")


def spelled(person: Person, **changes: Any) -> Told:
    """Return the person's row as usual, and the identity with some claims changed."""
    return [person.row()], person.claims(**changes)
