"""The sealed events in the order of the tree, for those who pass them on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Row, func, select

from broker.audit.as_stored import as_stored
from broker.audit.commitment import canonical
from broker.audit.readable import event_of, is_stand_in
from broker.audit.sealing.tree_store import LEAF
from broker.audit.store import EVENT, readable
from broker.base.db import Database


@dataclass(frozen=True)
class Sealed:
    """An event with its position: what was sealed before it has a smaller one."""

    position: int
    time: datetime
    body: str

    @cached_property
    def event(self) -> dict[str, Any]:
        """The event as an object."""
        return dict(json.loads(self.body))

    @property
    def is_stand_in(self) -> bool:
        """Whether it only says that no event of the service is there."""
        return is_stand_in(self.event)


@dataclass(frozen=True)
class SealedEvents:
    """Reads the sealed events; one worker seals at a time, so that no position appears late."""

    db: Database

    def page(self, first: int, most: int) -> Sequence[Sealed]:
        """Return the events from position *first* on; a purged one is left out.

        Where a row is not what was sealed, or never was an event, a stand-in says so.
        """
        rows = self.db.all(
            select(LEAF.c.position, *as_stored(self.db, LEAF.c.hash), *readable(self.db))
            .join(EVENT, EVENT.c.event_id == LEAF.c.event_id)
            .where(LEAF.c.position >= first)
            .order_by(LEAF.c.position)
            .limit(most)
        )
        return [_sealed(row) for row in rows]

    def size(self) -> int:
        """Return how many events are sealed: the position that the next one gets."""
        last = self.db.scalar(select(func.max(LEAF.c.position)))
        return 0 if last is None else int(last) + 1


def _sealed(row: Row[Any]) -> Sealed:
    event = event_of(row, sealed=row.hash)
    return Sealed(row.position, datetime.fromisoformat(event["time"]), canonical(event))
