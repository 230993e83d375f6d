"""Places of birth whose codes changed: which old code may stand for which new one.

Data and its source: broker/insured/reference/README.md.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Self

FRANCE = "99100"
_SUCCESSION = "succession"
_COMMUNE = re.compile(r"(?:2[AB]|[0-8][0-9]|9[0-8])[0-9]{3}")
_COUNTRY = re.compile(r"99[0-9]{3}")
_UNKNOWN_COUNTRY = "99999"
REFERENCE = files("broker.insured") / "reference"


@dataclass(frozen=True)
class Places:
    """Old codes and what became of them.

    An old code and a code that came out of it may be one place. Two codes that share an ancestor
    or an heir are never one place: two merged communes, two arrondissements of Lyon, two countries
    of the former Yugoslavia, two départements of Algeria.
    """

    heirs: dict[str, dict[str, str]]  # old code → {later code: kind of the change}

    @classmethod
    def load(cls, kinds: Iterable[str]) -> Self:
        """Read the reference tables; changes of other *kinds* are left out."""
        accepted = frozenset(kinds)
        changes = [change for change in (*_communes(), *_countries()) if change[2] in accepted]
        return cls(_closure([*changes, *_before_the_merger(changes)]))

    def link(self, left: str, right: str) -> str | None:
        """Return ``equal``, the kind of change that links the codes, or None: not one place."""
        if left == right:
            return "equal"
        return self.heirs.get(left, {}).get(right) or self.heirs.get(right, {}).get(left)

    def came_from(self, code: str, old: str) -> bool:
        """Tell whether *code* is a later code of *old*."""
        return code in self.heirs.get(old, {})

    def of_birth(self, place: str, country: str) -> str | None:
        """Return the one code to compare: commune in France, country abroad; None when unknown.

        SPEC E.3 row 12: abroad the place counts only as a département of before independence
        (row 10); anything else that stands there is ignored.
        """
        if not _COUNTRY.fullmatch(country) or country == _UNKNOWN_COUNTRY:
            return None
        if country == FRANCE:
            return place if _COMMUNE.fullmatch(place) else None
        return place if self.came_from(country, place) and _COMMUNE.fullmatch(place) else country


Change = tuple[str, str, str]


def _communes() -> Iterator[Change]:
    with (REFERENCE / "cog_history.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield row["old_code"], row["new_code"], row["kind"]


def _countries() -> Iterator[Change]:
    with (REFERENCE / "country_history.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield row["old_code"], row["new_code"], _SUCCESSION


def _before_the_merger(changes: list[Change]) -> Iterator[Change]:
    """Yield the codes between a move to another département and a later merger.

    The table says 78173 → 91613 and 91173 → 91613: the commune was 91173 in between.
    """
    later = {old: new for old, new, _ in changes}
    for old, new, kind in changes:
        between = new[:2] + old[2:]
        if between != old and later.get(between) == new:
            yield old, between, kind


def _closure(changes: Iterable[Change]) -> dict[str, dict[str, str]]:
    direct: dict[str, dict[str, str]] = {}
    for old, new, kind in changes:
        direct.setdefault(old, {})[new] = kind
    return {old: _descendants(direct, old) for old in direct}


def _descendants(direct: dict[str, dict[str, str]], old: str) -> dict[str, str]:
    found: dict[str, str] = {}
    pending = list(direct[old].items())
    while pending:
        code, kind = pending.pop()
        if code not in found and code != old:
            found[code] = kind
            pending += [(later, kind) for later in direct.get(code, {})]
    return found
