"""The matching rules as data: versions side by side, one of them in force."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from broker.base.errors import Refusal, ServiceNotReady
from broker.insured.places import Places
from broker.insured.reference_tables import REFERENCE, table_versions
from broker.insured.tolerances import Criterion, Tolerance

KEY_LETTERS = 12
"""Letters of a birth name by which rows are found: fewer than any cut that is tolerated leaves."""
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}[a-z]?")


class RulesUnknown(Refusal):
    """There is no such version of the matching rules."""

    code = "rules-unknown"


class UnsafeRules(ValueError):
    """A version of the rules compares less than what rows are found by, or has an odd name."""


@dataclass(frozen=True)
class Limits:
    """Lengths at which an older system cut; 0: never."""

    birth_name: int
    given_names: int


@dataclass(frozen=True)
class MatchingRules:
    """One version; its file in reference/rules explains each field."""

    version: str
    reason: str
    limits: Limits
    accepts: Mapping[Criterion, frozenset[Tolerance]]
    places: Places
    tables: Mapping[str, str]
    """Versions of the tables of places that it is used with."""

    @classmethod
    def parse(cls, text: str, places: Places) -> Self:
        """Read one version from TOML; UnsafeRules when rows could agree and not be found."""
        data: dict[str, Any] = tomllib.loads(text)
        accepts = {
            Criterion(name): frozenset(map(Tolerance, words))
            for name, words in data["accepts"].items()
        }
        rules = cls(
            data["version"],
            data["reason"],
            Limits(**data["limits"]),
            accepts,
            places,
            table_versions(),
        )
        if not _VERSION.fullmatch(rules.version) or set(accepts) != set(Criterion):
            raise UnsafeRules(rules.version)
        if 0 < rules.limits.birth_name < 2 * KEY_LETTERS:
            raise UnsafeRules(f"{rules.version}: a name cut at that length would not be found")
        return rules


@cache  # files of this installation, which no process sees change
def _shipped() -> tuple[MatchingRules, ...]:
    places = Places.load()
    files = (REFERENCE / "rules").iterdir()
    return tuple(MatchingRules.parse(file.read_text(encoding="utf-8"), places) for file in files)


@dataclass(frozen=True)
class Rulebook:
    """Every version; ``chosen`` names the one in force, otherwise the newest is."""

    versions: Mapping[str, MatchingRules]
    chosen: str | None = None

    @classmethod
    def load(cls, chosen: str | None = None) -> Self:
        """Read every version; ServiceNotReady when the chosen one is not among them."""
        versions = {rules.version: rules for rules in _shipped()}
        if chosen and chosen not in versions:
            known = ", ".join(sorted(versions))
            raise ServiceNotReady(f"matching_rules must be one of {known}")
        return cls(versions, chosen)

    @property
    def in_force(self) -> MatchingRules:
        """The version by which journeys are decided."""
        return self.versions[self.chosen or max(self.versions)]

    def version(self, name: str | None) -> MatchingRules:
        """Return that version, the one in force without a name; RulesUnknown."""
        if name and name not in self.versions:
            raise RulesUnknown(name)
        return self.versions[name] if name else self.in_force
