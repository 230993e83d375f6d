"""How the pages name the misbehaviours: in groups, in French, from labels.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from demo.franceconnect.misbehaviour.catalogue import NAMES, TOWARDS_IDENTITY_PROVIDERS

_FILE = Path(__file__).with_name("labels.toml")
Table = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Group:
    """The misbehaviours of one artefact, each with its label, by name."""

    title: str
    labels: dict[str, str]


@dataclass(frozen=True)
class Labels:
    """Every group, in the order of the file."""

    groups: tuple[Group, ...]

    @classmethod
    def load(cls) -> "Labels":
        """Read the file; KeyError when a misbehaviour has no label."""
        table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        return cls(tuple(_group(artefact, table) for artefact in table["groups"]))

    @property
    def towards_sites(self) -> tuple[Group, ...]:
        """The groups that matter once somebody is identified."""
        return tuple(g for g in self.groups if not g.labels.keys() & TOWARDS_IDENTITY_PROVIDERS)


def _group(artefact: str, table: Table) -> Group:
    """Label the faults of one artefact: those of its own, then those it shares with others."""
    labels = table["shared"] | table.get(artefact, {})
    names = [name for name in NAMES if name.startswith(f"{artefact}.")]
    return Group(
        table["groups"][artefact], {name: labels[name.partition(".")[2]] for name in names}
    )
