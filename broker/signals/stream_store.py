"""The state of each partner's stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from broker.base.db import Database
from broker.signals.model import Status, StreamState
from broker.signals.tables import STREAM


@dataclass(frozen=True)
class StreamStore:
    """A stream without a row is enabled: it was never sent anything."""

    db: Database

    def every(self) -> Mapping[str, StreamState]:
        """Return the streams that have a row, by client_id."""
        return {
            row.client_id: StreamState(Status(row.status), row.reason)
            for row in self.db.all(select(STREAM))
        }

    def of(self, client_id: str) -> StreamState:
        """Return the state of one."""
        row = self.db.one(select(STREAM).where(STREAM.c.client_id == client_id))
        return StreamState(Status(row.status), row.reason) if row else StreamState()

    def open(self, client_id: str, now: datetime) -> None:
        """Make the row that a queue needs, unless it is there; belongs in a transaction."""
        row = {"client_id": client_id, "status": Status.ENABLED.value, "updated_at": now}
        self.db.insert_unless_present(STREAM, row)

    def change(self, client_id: str, state: StreamState, now: datetime) -> None:
        """Set the state; belongs in a transaction."""
        self.open(client_id, now)
        self.db.execute(
            update(STREAM)
            .where(STREAM.c.client_id == client_id)
            .values(status=state.status.value, reason=state.reason, updated_at=now)
        )
