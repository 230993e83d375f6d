"""Flood limits: how many requests one address may send in a while, whatever they ask.

They protect the machines, not the accounts: those have limits of their own in the database
(``base/counters.py``), which hold with or without Redis.
"""

import math
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache

from broker.base.clock import Clock
from broker.base.context import address_line
from broker.base.crypto import KeyedHash
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.base.metrics import Metrics
from broker.base.shared_counts import SharedCounts


class Flooded(Throttled):
    """Too many requests from this address, whatever they ask."""

    code = "flooded"


class Traffic(StrEnum):
    """Who sends a request; programs speak for many people from one address."""

    PEOPLE = "people"
    PROGRAMS = "programs"


class OwnCounts:
    """The counts of this process alone, of the present window of each kind of traffic."""

    def __init__(self) -> None:
        self._windows: dict[Traffic, tuple[int, Counter[str]]] = {}
        self._lock = threading.Lock()

    def add(self, traffic: Traffic, window: int, line: str) -> int:
        """Add one to the count of *line*; a new window forgets the counts of the last."""
        with self._lock:
            number, counts = self._windows.get(traffic, (window, Counter()))
            if number != window:
                counts = Counter()
            self._windows[traffic] = (window, counts)
            counts[line] += 1
            return counts[line]


@dataclass(frozen=True)
class FloodGate:
    """Counts each request, over every node where there is a Redis, else in this process.

    A window is a stretch of the application's clock, the same for everybody, so that nodes agree
    on it and on its end. An address is counted as a keyed digest only.
    """

    limits: Limits
    clock: Clock
    keyed_hash: KeyedHash
    metrics: Metrics
    shared: SharedCounts | None = None
    own: OwnCounts = field(default_factory=OwnCounts)

    def enter(self, traffic: Traffic, address: str | None) -> None:
        """Let a request pass, or raise Flooded with the seconds left of this window."""
        allowed, seconds = self._allowance(traffic)
        now = self.clock().timestamp()
        window = int(now // seconds)
        line = self._line(address)
        if self._count(traffic, window, line, seconds) > allowed:
            self.metrics.flooded(traffic)
            raise Flooded(math.ceil((window + 1) * seconds - now))

    @cached_property
    def _line(self) -> Callable[[str | None], str]:
        """Return what counts an address: its keyed digest, made once for who asks again."""
        known = lru_cache(maxsize=4_096)
        return known(lambda address: self.keyed_hash.text("line", address_line(address)))

    def _allowance(self, traffic: Traffic) -> tuple[int, int]:
        limits = self.limits
        if traffic is Traffic.PROGRAMS:
            return limits.endpoint_count, limits.endpoint_window
        return limits.address_count, limits.address_window

    def _count(self, traffic: Traffic, window: int, line: str, seconds: int) -> int:
        if self.shared:
            count = self.shared.add(f"broker:flood:{traffic}:{window}:{line}", 2 * seconds)
            if count is not None:
                return count
        return self.own.add(traffic, window, line)
