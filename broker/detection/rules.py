"""Reads the rules, and says what is wrong with each."""

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from broker.base.errors import ServiceNotReady
from broker.base.places import folder
from broker.detection.model import Rule

SHIPPED = folder("config") / "detection"


class RulesRefused(ServiceNotReady):
    """The rules cannot be used; ``flaws``: all of them, each with its file and its rule."""

    def __init__(self, flaws: list[str]) -> None:
        super().__init__("detection rules refused: " + "; ".join(flaws))
        self.flaws = flaws


@dataclass(frozen=True)
class Rules:
    """The rules in force, by name."""

    by_name: dict[str, Rule]

    @classmethod
    def load(cls, place: Path | None, known: Collection[str]) -> Self:
        """Read every TOML file of a folder, ours by default; RulesRefused with every flaw.

        *known*: the types of event that the service records; a rule on another sleeps for good.
        """
        flaws: list[str] = []
        rules: dict[str, Rule] = {}
        for origin, name, fields in _tables(place, flaws) if place else _shipped():
            try:
                rule = Rule.model_validate({"name": name, **fields})
            except ValidationError as error:
                flaws += [f"{origin}, {name}: {flaw}" for flaw in _told(error)]
                continue
            unknown = sorted(set(rule.looks_at) - set(known))
            flaws += [f"{origin}, {name}: no event has the type {each}" for each in unknown]
            if name in rules:
                flaws.append(f"{origin}, {name}: another file has a rule of that name")
            rules[name] = rule
        if flaws:
            raise RulesRefused(flaws)
        return cls(rules)

    def waiting_for(self, types: Collection[str]) -> Iterator[Rule]:
        """Yield the rules that events of these types may fulfil."""
        return (
            rule for rule in self.by_name.values() if not set(rule.waits_for).isdisjoint(types)
        )


@cache  # files of this installation, which no process sees change
def _shipped() -> tuple[tuple[str, str, dict[str, Any]], ...]:
    flaws: list[str] = []
    tables = tuple(_tables(SHIPPED, flaws))
    if flaws:
        raise RulesRefused(flaws)
    return tables


def _tables(place: Path, flaws: list[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    files = sorted(place.glob("*.toml"))
    if not files:
        flaws.append(f"{place}: no file of rules")
    for file in files:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            flaws.append(f"{file.name}: {error}")
            continue
        for name, fields in tables.items():
            if isinstance(fields, dict):
                yield file.name, name, fields
            else:
                flaws.append(f"{file.name}, {name}: a rule is a table")


def _told(error: ValidationError) -> Iterator[str]:
    for flaw in error.errors():
        place = ".".join(map(str, flaw["loc"]))
        yield f"{place}: {flaw['msg']}" if place else flaw["msg"]
