"""What a saved question is: what it wants to know first, and the table that it answers with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Protocol, Self

from sqlalchemy import Select

from broker.audit.lineage.lineage_store import LineageStore
from broker.audit.questions.places import Places
from broker.audit.sealing.tree_store import TreeStore
from broker.base.bounded_read import ReadTooLong
from broker.base.db import Database

_IPV4, _FRIDAY, _FIRST_HOUR, _LAST_HOUR = 4, 4, 7, 20
MOST = 200  # rows of an answer
MAPPED = "::ffff:"
"""How a socket of both versions begins an address of IPv4."""
Cell = str | int | bool | datetime | None
Row = tuple[Cell, ...]
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an analyst gave: a window, whose end is not in it, and what the question asks for."""

    since: datetime
    until: datetime
    identifier: str = ""
    network: Network | None = None
    at_least: int = 1
    zone: tzinfo = UTC
    """Where the hours of work are."""

    def out_of_hours(self, moment: datetime) -> bool:
        """Tell whether nobody is expected to be at work."""
        there = moment.astimezone(self.zone)
        return there.weekday() > _FRIDAY or not _FIRST_HOUR <= there.hour < _LAST_HOUR

    def in_network(self, address: str | None) -> bool:
        """Tell whether the address is in the network that was named."""
        try:
            plain = ip_address((address or "").removeprefix(MAPPED))
        except ValueError:  # none, or somebody wrote that into the trail
            return False
        return self.network is not None and plain in self.network

    @property
    def network_prefixes(self) -> tuple[str, ...]:
        """The texts that the addresses of the network begin with: whole groups of it alone."""
        network = self.network
        if network is None:
            return ("",)
        if network.version != _IPV4:
            return (_prefix_of_six(network),)
        parts = str(network.network_address).split(".")
        whole = "".join(f"{part}." for part in parts[: network.prefixlen // 8])
        if network.prefixlen == network.max_prefixlen:
            whole = f'{network.network_address}"'
        return whole, f"{MAPPED}{whole}"


def _prefix_of_six(network: Network) -> str:
    if network.prefixlen == network.max_prefixlen:
        return f'{network.network_address}"'
    groups = network.network_address.exploded.split(":")[: network.prefixlen // 16]
    whole = [group.lstrip("0") for group in groups]
    if "" in whole:  # with what follows, "::" may stand for a group of zeros
        whole = whole[: whole.index("")]
    return "".join(f"{group}:" for group in whole)


class Behind(Protocol):
    """How far a receiver of the trail is behind."""

    @property
    def sink(self) -> str:
        """Its name in the settings."""
        ...

    @property
    def events(self) -> int:
        """How many sealed events it has not accepted."""
        ...

    @property
    def seconds(self) -> float:
        """The age of the oldest of them."""
        ...


@dataclass(frozen=True)
class Sources:
    """Where answers are read."""

    db: Database
    lineage: LineageStore
    places: Places
    tree: TreeStore
    alive: Callable[[Database, str], Iterable[Row]]
    """Tells, by service, what a partner or the tokens that a key signed can still do."""
    behind: Callable[[Database], Iterable[Behind]]
    most_read: int = 500_000
    """Rows that one question may bring into memory, each some hundred bytes."""

    def all(self, statement: Select[Any]) -> Sequence[Any]:
        """Return every row of what an answer is counted from; ReadTooLong: more than fit."""
        rows = self.db.all(statement.limit(self.most_read + 1))
        if len(rows) > self.most_read:
            raise ReadTooLong
        return rows

    def read_by(self, db: Database) -> Self:
        """Return the same sources, each read by *db*, whose reads may have an end."""
        lineage, tree = replace(self.lineage, db=db), replace(self.tree, db=db)
        return replace(self, db=db, lineage=lineage, tree=tree)


@dataclass(frozen=True, kw_only=True)
class SavedQuestion:
    """One question; the first column of its answer is what each row is about."""

    name: str
    columns: tuple[str, ...]
    read: Callable[[Sources, Asked], Iterable[Row]]
    asks: tuple[str, ...] = ()
    """``identifier``, ``network`` or ``at_least``, besides the window."""
    at_least: int = 1
    """Where nobody says otherwise."""
    plots: tuple[str, ...] = ()
    """Types of events that are drawn over the window, above the answer."""
    windowed: bool = True
    """Whether the window counts, and bounds the answer: what hangs on one identifier is whole."""
