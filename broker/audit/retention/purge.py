"""Removes events whose time is over; the tree keeps their leaves, and every proof holds."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from broker.audit.events import ByClass, TrailPurged
from broker.audit.log import AuditLog
from broker.audit.model import Actor, Retention
from broker.audit.retention.periods import Classes, Periods
from broker.audit.retention.purge_store import PurgeStore
from broker.audit.retention.purged import name_of, ranges, stretch_of
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.soundness import flaw_of, marks_of
from broker.audit.sealing.tree_store import TrailBroken
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.tasks import Task

_A_TURN = 8_192  # events removed before other tasks have their turn


@dataclass(frozen=True)
class Due:
    """What one type of events has that is over."""

    type: str
    retention: Retention
    before: datetime
    events: int
    held: int


@dataclass(frozen=True)
class Purger:
    """Background work; any number of workers may do it: who holds the row does.

    One stretch of the tree is one transaction: its events that are over go, and one event tells
    which. Only what is as it was sealed goes: whoever alters a date makes nothing disappear.
    """

    store: PurgeStore
    periods: Periods
    audit: AuditLog
    db: Database = field(repr=False)
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """Return what must be done again and again; once a day is done it asks one row."""
        return (Task("purge trail", 10.0, self.purge),)

    def purge(self) -> int:
        """Remove what is over, a few thousand events at most; return how many."""
        now = self.clock()
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.store.done_for() == day:
            return 0
        total, classes = 0, Classes.of_today()
        for stretch in self._stretches(classes, now):
            removed = self._purge(stretch, classes, now)
            if removed is None:
                return total  # another worker does it
            total += removed
            if total >= _A_TURN:
                return total
        with self.db.transaction():
            if self.store.hold():
                self.store.note_done(day)
        return total

    def due(self) -> Iterator[Due]:
        """Yield what is over now, by type; changes nothing."""
        now, classes = self.clock(), Classes.of_today()
        for kind in self.store.types():
            oldest = self.store.oldest(kind)
            kept = classes.of(kind, oldest.body) if oldest else Retention.TRAIL
            before = self.periods.over_before(kept, now)
            if before:
                events, held = self.store.due(kind, before)
                if events:
                    yield Due(kind, kept, before, events, held)

    def _stretches(self, classes: Classes, now: datetime) -> Iterator[int]:
        """Yield each stretch that has something over, once; it is gone when the next is sought."""
        seen: set[int] = set()
        for kind in self.store.types():
            event = self.store.next_free(kind, None)
            while event:
                before = self.periods.over_before(classes.of(kind, event.body), now)
                if before is None or not _is_before(event.time, before):
                    break
                if (
                    event.position is not None
                    and (place := stretch_of(event.position)) not in seen
                ):
                    seen.add(place)
                    yield place
                event = self.store.next_free(kind, event)

    def _purge(self, stretch: int, classes: Classes, now: datetime) -> int | None:
        """Remove what is over in one stretch; None when another worker is at it."""
        with self.db.transaction():
            if not self.store.hold():
                return None
            rows = [row for row in self._sound(stretch) if self._over(row, classes, now)]
            if not rows:
                return 0
            if self.store.remove([row.event_id for row in rows]) != len(rows):
                raise TrailBroken("an event went while it was removed")
            self.audit.record(self._told(stretch, rows, classes))
        return len(rows)

    def _sound(self, stretch: int) -> Iterator[Any]:
        rows = self.store.stretch(stretch)
        marks = marks_of(self.audit, rows)
        unmarked_until = self._unmarked_until()
        for row, mark in zip(rows, marks, strict=True):
            believed = row.mac is None and row.position < unmarked_until
            if flaw_of(row, row.hash, None if believed else mark) is None:
                yield row

    def _unmarked_until(self) -> int:
        """Return up to which position events may be older than the marks, as verification does."""
        note = self.store.first_signed_note()
        return Checkpoint.of_note(note).size if note else 0

    def _over(self, row: Any, classes: Classes, now: datetime) -> bool:  # noqa: ANN401 - a row
        before = self.periods.over_before(classes.of(row.type, row.body), now)
        return before is not None and _is_before(row.time, before)

    def _told(self, stretch: int, rows: Sequence[Any], classes: Classes) -> TrailPurged:
        times = [json.loads(row.body)["time"] for row in rows]
        counts = Counter(str(classes.of(row.type, row.body)) for row in rows)
        return TrailPurged(
            actor=Actor(kind="system"),
            txn=name_of(stretch),
            positions=ranges(row.position for row in rows),
            counts=ByClass(**counts),
            months=self.periods.told(),
            oldest=min(times),
            youngest=max(times),
        )


def _is_before(stored: Any, midnight: datetime) -> bool:  # noqa: ANN401 - whatever stands there
    """Tell whether a moment, as it is stored, is of an earlier day; none holds up no other."""
    return not isinstance(stored, str) or stored < midnight.date().isoformat()
