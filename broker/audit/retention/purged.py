"""What the trail itself tells of events that were removed at the end of their time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from broker.audit.events import TrailPurged
from broker.audit.log import AuditLog
from broker.audit.sealing.soundness import written
from broker.audit.sealing.tree_store import TreeStore

STRETCH = 2_048  # leaves that one event can tell of


def stretch_of(position: int) -> int:
    """Return the number of the stretch of the tree in which a position is."""
    return position // STRETCH


def name_of(stretch: int) -> str:
    """Return the ``txn`` of the events that tell of a stretch."""
    return f"purge-{stretch}"


@dataclass
class Purged:
    """Answers for one position after the other; reads what it needs once for each stretch."""

    store: TreeStore
    audit: AuditLog
    _stretch: int = -1
    _told: dict[int, dict[str, Any]] = field(default_factory=dict)

    def told(self, position: int) -> dict[str, Any] | None:
        """Return the event by which the service says that this one was removed, if one does."""
        stretch = stretch_of(position)
        if stretch != self._stretch:
            self._stretch, self._told = stretch, dict(self._read(stretch))
        return self._told.get(position)

    def _read(self, stretch: int) -> Iterator[tuple[int, dict[str, Any]]]:
        rows = self.store.purges(name_of(stretch))
        for told in written(self.audit, rows, TrailPurged.type):
            yield from ((position, told) for position in expanded(told["positions"]))


def ranges(positions: Iterable[int]) -> tuple[str, ...]:
    """Write positions, which are in order, as few texts: ``7``, ``9-12``."""
    numbers = list(positions)
    ends = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    firsts, lasts = [numbers[0], *(b for _, b in ends)], [*(a for a, _ in ends), numbers[-1]]
    pairs = zip(firsts, lasts, strict=True)
    return tuple(str(a) if a == b else f"{a}-{b}" for a, b in pairs)


def expanded(texts: Iterable[str]) -> Iterator[int]:
    """Yield the positions that texts stand for."""
    for text in texts:
        first, _, last = text.partition("-")
        yield from range(int(first), int(last or first) + 1)
