"""What waits in a table until it is done: each row is handed to one worker at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, select, update

from broker.base.db import Database

_RETRIES = (5, 15, 60, 300, 900, 1_800)  # seconds; the last one repeats


def next_call(now: datetime, attempts: int) -> datetime:
    """Return when to call a partner again: soon at first, because somebody may be waiting."""
    return now + timedelta(seconds=_RETRIES[min(max(attempts, 1), len(_RETRIES)) - 1])


@dataclass(frozen=True)
class DueQueue:
    """A table with ``id``, ``due_at`` and ``attempts``; a row that ended is deleted."""

    db: Database
    table: Table

    def claim(
        self, now: datetime, *conditions: ColumnElement[bool], lease: timedelta, most: int
    ) -> Sequence[Row[Any]]:
        """Take rows that are due, for *lease*: another worker takes them only after that."""
        row = self.table.c
        waiting = (
            select(row.id).where(row.due_at <= now, *conditions).order_by(row.due_at).limit(most)
        )
        if self.db.scalar(waiting) is None:
            return ()  # most turns: no write lock for nothing
        with self.db.transaction():
            due = waiting.with_for_update(skip_locked=True).cte("due")
            return self.db.execute(
                update(self.table)
                .where(row.id.in_(select(due.c.id)))
                .values(due_at=now + lease, attempts=row.attempts + 1)
                .returning(self.table)
            ).all()

    def postpone(self, row_id: str, attempts: int, due_at: datetime) -> bool:
        """Leave a row for a later try, unless another worker has taken it over meanwhile."""
        row = self.table.c
        mine = update(self.table).where(row.id == row_id, row.attempts == attempts)
        return self.db.execute(mine.values(due_at=due_at)).rowcount == 1

    def end(self, row_id: str) -> bool:
        """Delete a row that is done or given up; False when that was done before."""
        return self.db.execute(delete(self.table).where(self.table.c.id == row_id)).rowcount == 1
