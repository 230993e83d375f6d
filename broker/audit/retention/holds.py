"""Keeps the events of a person or a login beyond their time, for a court or an inquiry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from broker.audit.events import HoldLifted, HoldPlaced
from broker.audit.log import AuditLog
from broker.audit.model import Actor, Motive
from broker.audit.retention.purge_store import PurgeStore
from broker.base.clock import Clock
from broker.base.db import Database


@dataclass(frozen=True)
class Holds:
    """What the purge leaves; each change is an event of the trail."""

    store: PurgeStore
    audit: AuditLog
    db: Database
    clock: Clock

    def place(self, held: str, reason: str, actor: Actor) -> bool:
        """Hold; once this returns, no purge takes any more of it. False: it is held already."""
        with self.db.transaction():
            self.store.wait_for_turn()
            if not self.store.add_hold(held, self.clock()):
                return False
            self.audit.record(HoldPlaced(held=held, after=Motive(reason=reason), actor=actor))
        return True

    def lift(self, held: str, reason: str, actor: Actor) -> bool:
        """Let go: what is over goes with the next purge. False: nothing held it."""
        with self.db.transaction():
            self.store.wait_for_turn()
            if not self.store.drop_hold(held):
                return False
            self.store.note_done(None)
            self.audit.record(HoldLifted(held=held, after=Motive(reason=reason), actor=actor))
        return True

    def events(self, held: str) -> int:
        """Return how many events a hold keeps; none, perhaps, because it was mistyped."""
        return self.store.known(held)

    def all(self) -> Iterable[tuple[str, datetime]]:
        """Return what is held and since when, the oldest first."""
        return [(row.held, row.since) for row in self.store.holds()]
