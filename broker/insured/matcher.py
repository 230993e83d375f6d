"""Finds who pivot identities are: the one path of the journey, of files and of comparisons."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from broker.insured.matching import (
    MOST_CANDIDATES,
    Decision,
    Outcome,
    decide,
    lookup_keys,
    unusable,
)
from broker.insured.nir import Nir
from broker.insured.pivot import Claims, PivotIdentity, UnusablePivot
from broker.insured.rules import MatchingRules, Rulebook
from broker.insured.store import InsuredStore, Registered


@dataclass(frozen=True)
class Match:
    """Matching alone: a decision and, when matched, whose number."""

    outcome: Outcome
    record: dict[str, Any]
    insured_id: str | None = None
    nir: Nir | None = field(default=None)


@dataclass(frozen=True)
class Matcher:
    """Compares identities with the register, by one version of the rules or several."""

    store: InsuredStore
    rulebook: Rulebook

    def match(self, claims: Claims, rules: MatchingRules | None = None) -> Match:
        """Find who the identity is by *rules*, those in force unless others are given."""
        return self.match_all([claims], [rules or self.rulebook.in_force])[0][0]

    def match_all(
        self, identities: Sequence[Claims], versions: Sequence[MatchingRules]
    ) -> list[list[Match]]:
        """Return for each identity its match by each version; the register is asked once."""
        pivots = [self._read(claims) for claims in identities]
        usable = [pivot for pivot in pivots if isinstance(pivot, PivotIdentity)]
        found = self.store.candidates(_keys(usable), MOST_CANDIDATES + 1)
        if len(found) > MOST_CANDIDATES and len(identities) > 1:  # each for itself, then
            return [self.match_all([claims], versions)[0] for claims in identities]
        candidates = _Candidates.of(found)
        return [[_match(pivot, candidates, rules) for rules in versions] for pivot in pivots]

    def _read(self, claims: Claims) -> PivotIdentity | UnusablePivot:
        try:
            return PivotIdentity.read(claims, self.rulebook.in_force.places)
        except UnusablePivot as refusal:
            return refusal


@dataclass(frozen=True)
class _Candidates:
    """Rows in the order of loading, and where those of each lookup key stand."""

    rows: Sequence[Registered]
    places: dict[str, list[int]]

    @classmethod
    def of(cls, found: Sequence[tuple[str, Registered]]) -> "_Candidates":
        places: dict[str, list[int]] = defaultdict(list)
        for place, (key, _) in enumerate(found):
            places[key].append(place)
        return cls([row for _, row in found], places)

    def for_keys(self, keys: Iterable[str]) -> list[Registered]:
        places = sorted(place for key in keys for place in self.places.get(key, ()))
        return [self.rows[place] for place in places]


def _keys(pivots: Iterable[PivotIdentity]) -> set[str]:
    return set().union(*map(lookup_keys, pivots))


def _match(
    pivot: PivotIdentity | UnusablePivot, candidates: _Candidates, rules: MatchingRules
) -> Match:
    if isinstance(pivot, UnusablePivot):
        return _answer(unusable(pivot.flaw, rules), [])
    rows = candidates.for_keys(lookup_keys(pivot))
    return _answer(decide(pivot, [row.person for row in rows], rules), rows)


def _answer(decision: Decision, rows: Sequence[Registered]) -> Match:
    if decision.chosen is None:
        return Match(decision.outcome, decision.record)
    chosen = rows[decision.chosen]
    return Match(decision.outcome, decision.record, chosen.id, chosen.person.nir)
