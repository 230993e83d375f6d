"""Seals what was committed into the tree, and signs each minute what the trail is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broker.audit.events import TrailRestored
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.note import SignerKey
from broker.audit.sealing.outside import Outside
from broker.audit.sealing.tree_store import Standing, TreeStore
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.tasks import Task

_PAGE = 4_000  # events sealed in one transaction
_APART = timedelta(seconds=55)  # between checkpoints; looked at every 5 seconds: at most a minute


class TrailForked(Exception):
    """The trail does not go on from a checkpoint that the outside knows: nothing is signed."""


@dataclass(frozen=True)
class Sealer:
    """Background work; any number of workers may do it.

    Events are sealed in the order in which they are found, not in that of their ids: one that
    commits late is found late, and its place is behind those sealed before.
    """

    store: TreeStore
    key: SignerKey
    outside: Outside | None
    audit: AuditLog
    db: Database = field(repr=False)
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """Return what must be done again and again."""
        return (Task("seal", 1.0, self.seal), Task("checkpoint", 5.0, self.sign_when_due))

    def seal(self) -> int:
        """Seal every event that has committed; return how many."""
        began, total = self.clock(), 0
        after = self.store.standing().first_of_interest(began)
        more = bool(self.store.unsealed(after, 1))
        while more:
            with self.db.transaction():
                if not self.store.hold():
                    break  # another worker does it
                events = self.store.unsealed(after, _PAGE)
                self.store.seal(events)
                more = len(events) == _PAGE
                if not more:
                    self.store.note(looked_at=began)
            total += len(events)
            after = events[-1].event_id if events else after
        return total

    def sign_when_due(self) -> int:
        """Sign a checkpoint, idle or not, when the newest one is old; return how many."""
        self.publish()
        if not self._due():
            return 0
        with self.db.transaction():
            standing = self.store.hold()
            if not standing or not self._due():
                return 0
            self._sign(standing, self.clock())
        self.publish()
        return 1

    def publish(self) -> None:
        """Put the newest checkpoint outside, where it is not there yet."""
        note = self.store.newest_checkpoint()
        if note and self.outside:
            self.outside.publish(Checkpoint.of_note(note), note)

    def newest(self) -> Checkpoint | None:
        """Return the newest checkpoint that the database holds."""
        note = self.store.newest_checkpoint()
        return Checkpoint.of_note(note) if note else None

    def _due(self) -> bool:
        newest = self.newest()
        return newest is None or abs(self.clock() - newest.made_at) >= _APART

    def _sign(self, standing: Standing, now: datetime) -> None:
        known = self._known_outside()
        if standing.restored:
            standing = self._begin_line(known, now)
        elif known:
            self._require_continued(known, self._origin(standing))
        self._sweep(standing, now)
        size = self.store.size()
        made = Checkpoint(self._origin(standing), size, self.store.tree.root(size), now)
        newest = self.newest()
        if newest and newest.origin == made.origin:
            self._require_continued(newest, made.origin)
        self.store.add_checkpoint(self.key.sign(made.text))

    def _begin_line(self, known: Checkpoint | None, now: datetime) -> Standing:
        """After a restore: say so in the trail, and go on under another origin."""
        self.store.note(line=f"{now:%Y%m%dT%H%M%SZ}", restored=False, looked_at=None)
        begun = self.store.standing()
        self.audit.record(
            TrailRestored(
                actor=Actor(kind="system"),
                origin=self._origin(begun),
                size=self.store.size(),
                known_size=known.size if known else None,
            )
        )
        return begun

    def _sweep(self, standing: Standing, now: datetime) -> None:
        """Move on what is looked at each second, and look at a slice of the whole trail.

        Idle, nothing else moves it on: a burst would be looked at again each second for good.
        """
        late = self.store.unsealed(standing.first_of_interest(now), _PAGE)
        self.store.seal(late)
        until = self.store.swept_until(standing.swept_to)
        self.store.seal(self.store.unsealed(standing.swept_to, _PAGE, until))
        looked_at = now if len(late) < _PAGE else standing.looked_at
        self.store.note(swept_to=until or "", looked_at=looked_at)

    def _require_continued(self, known: Checkpoint, origin: str) -> None:
        size = self.store.size()
        if known.origin != origin:
            raise TrailForked(f"the outside knows {known.origin}, not {origin}")
        if known.size > size:
            raise TrailForked(f"the outside knows {known.size} events, the trail has {size}")
        if self.store.tree.root(known.size) != known.root:
            raise TrailForked(f"the first {known.size} events are not those that were signed")

    def _known_outside(self) -> Checkpoint | None:
        note = self.outside.newest() if self.outside else None
        return Checkpoint.of_note(note) if note else None

    def _origin(self, standing: Standing) -> str:
        return f"{self.key.name}/{standing.line}" if standing.line else self.key.name
