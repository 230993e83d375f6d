"""Places of birth whose codes changed: which old code may stand for which new one.

Data and its source: broker/insured/reference/README.md.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Self

from broker.insured.reference_tables import rows
from broker.insured.tolerances import Tolerance

FRANCE = "99100"
# Communes and countries are numbered from 001: 000 is what some systems write for an unknown one.
_COMMUNE = re.compile(r"(?:2[AB]|0[1-9]|[1-8][0-9]|9[0-8])(?!000)[0-9]{3}")
_WITHOUT_ZERO = re.compile(r"[1-9][0-9]{3}")
_COUNTRY = re.compile(r"99(?!000)[0-9]{3}")
_UNKNOWN_COUNTRY = "99999"
_RENUMBERED = frozenset({
    Tolerance.CORSE, Tolerance.DEPARTEMENT, Tolerance.SEINE, Tolerance.SEINE_ET_OISE,
    Tolerance.OUTREMER,
})  # fmt: skip
_ALWAYS_NEW = frozenset({Tolerance.SEINE, Tolerance.SEINE_ET_OISE, Tolerance.OUTREMER})
"""Changes that gave a number of the new département, never that of a commune already there."""


class Change(NamedTuple):
    """An old code, one of the codes it became, and how."""

    old: str
    new: str
    kind: Tolerance
    until: int | None = None
    """Last year of birth for which the old code can mean the old State; None: any year, nobody
    else ever had that code."""


@dataclass(frozen=True)
class Places:
    """Old codes and what became of them.

    An old code and a code that came out of it may be one place. Two codes that share an ancestor
    or an heir are never one place: two merged communes, two arrondissements of Lyon, two countries
    of the former Yugoslavia, two départements of Algeria.
    """

    heirs: dict[str, dict[str, Change]]
    """By old code, then by later code."""
    renumbered: frozenset[tuple[str, str]]
    """Old and later code of communes that only changed their number."""

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the reference tables, which come with the release: once for a process."""
        changes = [*_communes(), *_countries()]
        changes += _before_the_merger(changes)
        return cls(_closure(changes), frozenset(_renumbered(changes)))

    def link(self, left: str, right: str) -> Change | None:
        """Return the change between two different codes, or None: they are not one place."""
        return self.heirs.get(left, {}).get(right) or self.heirs.get(right, {}).get(left)

    def came_from(self, code: str, old: str) -> bool:
        """Tell whether *code* is a later code of *old*."""
        return code in self.heirs.get(old, {})

    def merged_later(self, given: str, origin: str) -> bool:
        """Tell whether *given* is another commune that has since merged into *origin*."""
        change = self.heirs.get(given, {}).get(origin)
        if change is None or (given, origin) in self.renumbered:
            return False
        return change.kind in _RENUMBERED or change.kind is Tolerance.FUSION

    def of_birth(self, place: str, country: str) -> str | None:
        """Return the one code to compare: commune in France, country abroad; None when unknown.

        Abroad the place counts only as a département of before independence
        (row 10); anything else that stands there is ignored.
        """
        if not _COUNTRY.fullmatch(country) or country == _UNKNOWN_COUNTRY:
            return None
        if country == FRANCE:
            place = completed(place)
            return place if _COMMUNE.fullmatch(place) else None
        return place if self.came_from(country, place) and _COMMUNE.fullmatch(place) else country


def completed(place: str) -> str:
    """Give back to a commune's code the leading zero that some spreadsheet or partner lost."""
    return f"0{place}" if _WITHOUT_ZERO.fullmatch(place) else place


def _communes() -> Iterator[Change]:
    for row in rows("cog_history"):
        yield Change(row["old_code"], row["new_code"], Tolerance(row["kind"]))


def _countries() -> Iterator[Change]:
    for row in rows("country_history"):
        until = int(row["until"]) if row["until"] else None
        yield Change(row["old_code"], row["new_code"], Tolerance.SUCCESSION, until)


def _before_the_merger(changes: Iterable[Change]) -> list[Change]:
    """Return the codes between a move to another département and a later merger.

    The table says 78173 → 91613 and 91173 → 91613: the commune was 91173 in between.
    """
    changes = list(changes)
    later = {change.old: change.new for change in changes}
    between = [(change, change.new[:2] + change.old[2:]) for change in changes]
    return [
        Change(change.old, code, change.kind)
        for change, code in between
        if code != change.old and later.get(code) == change.new
    ]


def _renumbered(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """Yield the moves that kept a commune apart: same end of the number, or a number of its own.

    Where several communes came under one number, only the one that kept its own end is that place.
    """
    became: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        became[change.new].append(change)
    for new, before in became.items():
        for change in before:
            alone = len(before) == 1 and change.kind in _ALWAYS_NEW
            if change.kind in _RENUMBERED and (change.old[2:] == new[2:] or alone):
                yield change.old, new


def _closure(changes: Iterable[Change]) -> dict[str, dict[str, Change]]:
    direct: dict[str, dict[str, Change]] = {}
    for change in changes:
        direct.setdefault(change.old, {})[change.new] = change
    return {old: _descendants(direct, old) for old in direct}


def _descendants(direct: dict[str, dict[str, Change]], old: str) -> dict[str, Change]:
    found: dict[str, Change] = {}
    pending = list(direct[old].values())
    while pending:
        change = pending.pop()
        if change.new not in found and change.new != old:
            found[change.new] = change
            pending += [
                later._replace(old=old, kind=change.kind)
                for later in direct.get(change.new, {}).values()
            ]
    return found
