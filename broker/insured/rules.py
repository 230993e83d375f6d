"""The matching rules as data: a version, what must agree, and what is tolerated."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from broker.insured.places import REFERENCE, Places


@dataclass(frozen=True)
class MatchingRules:
    """One version of the rules; reference/matching.toml explains each field."""

    version: str
    criteria: tuple[str, ...]
    birth_name_limit: int
    given_names_limit: int
    first_may_stand_for_unknown: bool
    place_changes: tuple[str, ...]

    @classmethod
    def load(cls) -> Self:
        """Read the rules in force."""
        return cls.parse((REFERENCE / "matching.toml").read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one version of the rules from TOML."""
        data = tomllib.loads(text)
        for name in ("criteria", "place_changes"):
            data[name] = tuple(data[name])
        return cls(**data)

    @cached_property
    def places(self) -> Places:
        """The changes of place codes that these rules accept."""
        return Places.load(self.place_changes)
