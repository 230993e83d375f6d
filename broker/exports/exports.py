"""Sends the sealed trail to each sink: in order, at least once, from where it stopped."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.proofs.evidence import NotSigned
from broker.audit.retention.purged import Purged, ranges
from broker.audit.sealing.sealed import Sealed, SealedEvents
from broker.audit.sealing.tree_store import TrailBroken, TreeStore
from broker.base.capped_http import CallFailed
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.tasks import Task
from broker.exports.events import (
    EventsMissing,
    Exported,
    ExportInterrupted,
    ExportPosition,
    ExportResumed,
)
from broker.exports.model import (
    LEASE,
    Lag,
    PositionUnknown,
    Progress,
    Sink,
    SinkBusy,
    SinkUnknown,
)
from broker.exports.store import ExportStore

_SYSTEM = Actor(kind="system")
_FREE = {"holder": None, "held_until": None}
_JUDGED = 20  # events that tell for how long a sink is behind
_BATCHES = 10  # of one turn: a worker that shall stop is not kept long


@dataclass(frozen=True)
class Exports:
    """Background work; each sink has a thread of its own, so that none waits for another."""

    sinks: Mapping[str, Sink]
    events: SealedEvents
    tree: TreeStore
    store: ExportStore
    audit: AuditLog
    db: Database
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """Return what must be done again and again: a task per sink."""
        return tuple(
            Task(f"export {name}", sink.every, partial(self.send, name), apart=True)
            for name, sink in self.sinks.items()
        )

    def send(self, name: str) -> int:
        """Send what is due; return how many events the sink accepted."""
        progress = self._progress(name)
        sink = self.sinks[name]
        batch = self._due(sink, progress) if progress.is_free(self.clock()) else ()
        if not batch:
            return 0  # most turns: nothing is written for nothing
        with self.db.transaction():
            held = self.store.take(progress, secrets.token_hex(16), self.clock())
        sent = 0
        for _ in range(_BATCHES):
            if held is None or not batch:
                break
            held = self._send(sink, held, batch)
            if held is not None:
                sent += len(batch)
                batch = self._due(sink, held)
        if held is not None:
            self._release(held)
        return sent

    def send_now(self, name: str, position: int | None, actor: Actor) -> int:
        """Send all that is due without waiting for a next try; return how many were accepted.

        With *position* the sink goes on there, back or ahead; the trail says who wanted it.
        """
        before = self._progress(name)
        if position is not None and not 0 <= position <= self.events.size():
            raise PositionUnknown
        with self.db.transaction():
            after = before.position if position is None else position
            if not self.store.move(before, after, self.clock()):
                raise SinkBusy
            if position is not None:
                self.audit.record(_moved(before, position, actor))
        total = 0
        while sent := self.send(name):
            total += sent
        return total

    def lags(self) -> Sequence[Lag]:
        """Return how far each sink of the settings is behind what is sealed."""
        return [self._lag(name) for name in self.sinks]

    def lags_by(self, db: Database) -> Sequence[Lag]:
        """Return the same as *db* reads it: its reads may have an end."""
        events, store = replace(self.events, db=db), replace(self.store, db=db)
        return replace(self, events=events, store=store).lags()

    def _lag(self, name: str) -> Lag:
        progress = self.store.progress(name) or Progress(name, 0, self.clock())
        waiting = self.events.page(progress.position, _JUDGED)
        # What somebody wrote into the trail may say any time: the events beside it do not.
        times = [each.time for each in waiting if not each.is_stand_in] or [
            each.time for each in waiting
        ]
        return Lag(
            sink=name,
            position=progress.position,
            events=max(0, self.events.size() - progress.position),
            seconds=max(0.0, (self.clock() - min(times)).total_seconds()) if times else 0.0,
            failures=progress.failures,
            reason=progress.reason,
        )

    def _progress(self, name: str) -> Progress:
        if name not in self.sinks:
            raise SinkUnknown
        progress = self.store.progress(name)
        if progress is None:
            now = self.clock()
            with self.db.transaction():
                self.store.begin(name, now)
            progress = Progress(name, 0, now)
        return progress

    def _due(self, sink: Sink, progress: Progress) -> Sequence[Sealed]:
        events = self.events.page(progress.position, sink.most)
        return events[: sink.ready(events, self.clock())]

    def _send(self, sink: Sink, held: Progress, batch: Sequence[Sealed]) -> Progress | None:
        """Send, then note it: killed in between, it is sent again. None: it is held no more."""
        try:
            sink.send(batch)
        except CallFailed as failure:
            self._failed(held, failure.reason)
        except (NotSigned, TrailBroken) as flaw:
            self._failed(held, type(flaw).__name__)
        else:
            return self._accepted(held, batch)
        return None

    def _accepted(self, held: Progress, batch: Sequence[Sealed]) -> Progress | None:
        changes = {"position": batch[-1].position + 1, "failures": 0, "reason": None}
        missing = {
            None: [each.position for each in batch if each.is_stand_in],
            "deleted": self._deleted(held.position, batch),
        }
        with self.db.transaction():
            kept = self.store.keep(held, **changes, held_until=self.clock() + LEASE)
            if kept and held.failures:
                self.audit.record(ExportResumed(sink=held.sink, actor=_SYSTEM))
            for reason, positions in missing.items():
                if kept and positions:
                    self.audit.record(_missing(held.sink, positions, reason))
        return kept

    def _deleted(self, first: int, batch: Sequence[Sealed]) -> list[int]:
        """Return the positions of the batch that no row has, and of which no purge tells."""
        there = {each.position for each in batch}
        if len(there) == batch[-1].position - first + 1:
            return []  # nearly always
        purged = Purged(self.tree, self.audit)
        gaps = (position for position in range(first, batch[-1].position) if position not in there)
        return [position for position in gaps if purged.told(position) is None]

    def _failed(self, held: Progress, reason: str) -> None:
        changes = {"failures": held.failures + 1, "reason": reason, **_FREE}
        with self.db.transaction():
            due_at = held.next_try(self.clock())
            if self.store.keep(held, due_at=due_at, **changes) and not held.failures:
                self.audit.record(
                    ExportInterrupted(sink=held.sink, reason_code=reason, actor=_SYSTEM)
                )

    def _release(self, held: Progress) -> None:
        with self.db.transaction():
            self.store.keep(held, **_FREE)


def _missing(sink: str, positions: Sequence[int], reason: str | None) -> EventsMissing:
    actor = Actor(kind="system", ref=sink)
    return EventsMissing(sink=sink, positions=ranges(positions), reason_code=reason, actor=actor)


def _moved(before: Progress, position: int, actor: Actor) -> Exported:
    return Exported(
        sink=before.sink,
        before=ExportPosition(position=before.position),
        after=ExportPosition(position=position),
        actor=actor,
    )
