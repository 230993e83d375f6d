"""Judges leaves and their events, a stretch of the tree at a time, in any process."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.retention.purged import STRETCH, Purged, stretch_of
from broker.audit.sealing.soundness import GONE, flaw_of, marks_of
from broker.audit.sealing.tree_store import TreeStore

Flawed = tuple[str, str, str]
"""The kind of a flaw, what it is, and the id of the event."""


@dataclass(frozen=True)
class JudgedStretch:
    """What is to be known of the leaves of one stretch; it travels between processes."""

    positions: list[int]
    hashes: list[bytes]
    flaws: dict[int, Flawed]
    """By position."""
    purged: int


@dataclass(frozen=True)
class Judge:
    """Judges each stretch on its own: only roots tell something of several."""

    store: TreeStore
    audit: AuditLog
    purged: Purged
    unmarked_until: int
    """Before this position an event without a mark is believed."""

    def stretches(self) -> Iterator[int]:
        """Yield the number of each stretch that has a leaf: a gap may be of any length."""
        found = self.store.next_after(-1)
        while found is not None:
            yield stretch_of(found)
            found = self.store.next_after((stretch_of(found) + 1) * STRETCH - 1)

    def __call__(self, stretch: int) -> JudgedStretch:
        """Judge the leaves of the stretch of that number."""
        first = stretch * STRETCH
        leaves = self.store.leaves(first, first + STRETCH - 1)
        positions, hashes = [leaf.position for leaf in leaves], [leaf.hash for leaf in leaves]
        flaws = dict(self._flaws(leaves))
        purged = {at for at, flaw in flaws.items() if flaw[0] == GONE and self.purged.told(at)}
        left = {at: flaw for at, flaw in flaws.items() if at not in purged}
        return JudgedStretch(positions, hashes, left, len(purged))

    def _flaws(self, leaves: Sequence[Any]) -> Iterator[tuple[int, Flawed]]:
        rows = self.store.events([leaf.event_id for leaf in leaves])
        events = {row.event_id: row for row in rows}
        often = Counter(row.event_id for row in rows)
        found = [events.get(leaf.event_id) for leaf in leaves]
        marks = marks_of(self.audit, found)
        for leaf, event, mark in zip(leaves, found, marks, strict=True):
            unmarked = event is not None and event.mac is None
            believed = unmarked and leaf.position < self.unmarked_until
            flaw = flaw_of(event, leaf.hash, None if believed else mark)
            if often[leaf.event_id] > 1:  # for that, the key of the table was taken away
                flaw = "inserted", "another event has its id"
            if flaw:
                yield leaf.position, (*flaw, str(leaf.event_id))
