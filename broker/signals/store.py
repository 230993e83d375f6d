"""Where security events wait for partners, each stream in the order of what happened."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, or_, select

from broker.base.crypto import Secret, Vault
from broker.base.db import Database
from broker.base.due import DueQueue
from broker.signals.model import Signal, Status, Waiting
from broker.signals.tables import SIGNAL, STREAM, SUSPENSION


@dataclass(frozen=True)
class SignalStore:
    """Hands out the first event of each stream alone, so that none overtakes another."""

    db: Database
    vault: Vault

    def add(self, signals: Iterable[Signal]) -> None:
        """Queue events; belongs in the transaction of what they tell."""
        if rows := [self._row(signal) for signal in signals]:
            self.db.insert_rows(SIGNAL, rows)

    def claim(self, now: datetime, *, lease: timedelta, most: int) -> Sequence[Signal]:
        """Take first events that are due, for *lease*; of a paused stream those that are too old.

        Another worker takes neither them nor what waits behind them.
        """
        rows = self._queue.claim(now, _is_first(), _may_end(now), lease=lease, most=most)
        return [self._signal(row) for row in rows]

    def postpone(self, signal: Signal, due_at: datetime) -> bool:
        """Leave an event for a later try, unless another worker has taken it over meanwhile."""
        return self._queue.postpone(signal.id, signal.attempts, due_at)

    def end(self, signal: Signal) -> bool:
        """Delete an event that was delivered or given up; False when that was done before."""
        return self._queue.end(signal.id)

    def drop(self, client_id: str) -> int:
        """Delete what waits for a partner; return how many events."""
        return self.db.execute(delete(SIGNAL).where(SIGNAL.c.client_id == client_id)).rowcount

    def waiting(self) -> list[Waiting]:
        """Return what waits, by partner."""
        rows = self.db.all(
            select(SIGNAL.c.client_id, func.count(), func.min(SIGNAL.c.created_at))
            .group_by(SIGNAL.c.client_id)
            .order_by(SIGNAL.c.client_id)
        )
        return [Waiting(*row) for row in rows]

    def note_suspension(self, account_id: str, client_ids: Iterable[str]) -> None:
        """Remember who is told that an account is suspended."""
        for client_id in client_ids:
            told = {"account_id": account_id, "client_id": client_id}
            self.db.insert_unless_present(SUSPENSION, told)

    def end_suspension(self, account_id: str) -> list[str]:
        """Forget who was told that an account is suspended; return them."""
        rows = self.db.execute(
            delete(SUSPENSION)
            .where(SUSPENSION.c.account_id == account_id)
            .returning(SUSPENSION.c.client_id)
        )
        return sorted(row.client_id for row in rows)

    @property
    def _queue(self) -> DueQueue:
        return DueQueue(self.db, SIGNAL)

    def _row(self, signal: Signal) -> dict[str, Any]:
        address = signal.address
        return {
            "id": signal.id,
            "client_id": signal.client_id,
            "account_id": signal.account_id,
            "sid": signal.sid,
            "kind": signal.kind,
            "details": json.dumps(signal.details),
            "address": self.vault.seal(SIGNAL.c.address, address.reveal()) if address else None,
            "txn": signal.txn,
            "attempts": signal.attempts,
            "created_at": signal.created_at,
            "due_at": signal.created_at,
            "expires_at": signal.expires_at,
        }

    def _signal(self, row: Row[Any]) -> Signal:
        sealed = row.address
        return Signal(
            id=row.id,
            client_id=row.client_id,
            account_id=row.account_id,
            sid=row.sid,
            kind=row.kind,
            details=json.loads(row.details),
            address=Secret(self.vault.open(SIGNAL.c.address, sealed)) if sealed else None,
            txn=row.txn,
            created_at=row.created_at,
            expires_at=row.expires_at,
            attempts=row.attempts,
        )


def _is_first() -> ColumnElement[bool]:
    """One look into the index per stream, however much waits."""
    other = SIGNAL.alias()
    first = (
        select(other.c.id)
        .where(other.c.client_id == STREAM.c.client_id)
        .order_by(other.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return SIGNAL.c.id.in_(select(first).select_from(STREAM))


def _may_end(now: datetime) -> ColumnElement[bool]:
    paused = select(STREAM.c.client_id).where(STREAM.c.status == Status.PAUSED.value)
    return or_(SIGNAL.c.client_id.not_in(paused), SIGNAL.c.expires_at <= now)
