"""How many times a key may try, counted in the database so that every process agrees."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, LargeBinary, Row, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.clock import Clock
from broker.base.crypto import KeyedHash
from broker.base.db import Base, Database, Instant, table
from broker.base.errors import Throttled
from broker.base.tasks import Task

_KEPT = timedelta(days=31)  # longer than any window that makes sense


class LimitCounter(Base):
    """One count of one key; the key (an address, a NIR) is kept as a keyed digest only."""

    __tablename__ = "limit_counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    tries: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Instant)
    blocked_until: Mapped[datetime | None] = mapped_column(Instant)


COUNTER = table(LimitCounter)


@dataclass(frozen=True)
class Counters:
    """Counts before the comparison it protects: a try is taken first, given back on success."""

    db: Database
    clock: Clock
    keyed_hash: KeyedHash

    def take(self, name: str, key: str, *, count: int, window: int) -> int:
        """Take one of *count* tries in *window* seconds, or raise Throttled; return those left.

        The window starts with the first try. Belongs in a transaction that is committed even
        when the act it protects is refused.
        """
        now, row = self.clock(), self._locked(name, key)
        ends = row.started_at + timedelta(seconds=window)
        if ends <= now:
            self._write(name, key, tries=1, started_at=now, blocked_until=None)
            return count - 1
        if row.tries >= count:
            raise Throttled(_seconds(ends - now))
        self._write(name, key, tries=row.tries + 1)
        return int(count - row.tries - 1)

    def take_slowing(self, name: str, key: str, *, free: int, wait: int, ceiling: int) -> None:
        """Take a try that gets slower: after *free* tries each one costs a doubling wait.

        The waits start at *wait* seconds and stop growing at *ceiling*; a quiet *ceiling* forgets.
        """
        now, row = self.clock(), self._locked(name, key)
        if row.blocked_until and row.blocked_until > now:
            raise Throttled(_seconds(row.blocked_until - now))
        quiet_since = row.blocked_until or row.started_at
        tries = 1 if quiet_since + timedelta(seconds=ceiling) <= now else row.tries + 1
        until = None
        if tries >= free:
            delay = min(ceiling, wait * 2 ** min(tries - free, 30))
            until = now + timedelta(seconds=delay)
        self._write(name, key, tries=tries, started_at=now, blocked_until=until)

    def hold(self, name: str, key: str, *, wait: int, grace: int) -> None:
        """Ask this key to come back after *wait* seconds; within *grace* of then it passes."""
        now, row = self.clock(), self._locked(name, key)
        if row.blocked_until is None or row.blocked_until + timedelta(seconds=grace) <= now:
            self._write(name, key, blocked_until=now + timedelta(seconds=wait))
            raise Throttled(wait)
        if row.blocked_until > now:
            raise Throttled(_seconds(row.blocked_until - now))
        self._write(name, key, blocked_until=None)

    def give_back(self, name: str, key: str) -> None:
        """Return one try: the act succeeded."""
        self.db.execute(
            update(COUNTER)
            .where(COUNTER.c.name == name, COUNTER.c.key == self._digest(name, key))
            .where(COUNTER.c.tries > 0)
            .values(tries=COUNTER.c.tries - 1)
        )

    def forget(self, name: str, key: str) -> None:
        """Start this key anew: its holder has proved who they are."""
        self.db.execute(
            delete(COUNTER).where(COUNTER.c.name == name, COUNTER.c.key == self._digest(name, key))
        )

    def used(self, name: str, key: str, *, window: int) -> int:
        """Return how many tries the present window holds."""
        row = self.db.one(
            select(COUNTER.c.tries, COUNTER.c.started_at).where(
                COUNTER.c.name == name, COUNTER.c.key == self._digest(name, key)
            )
        )
        alive = row and row.started_at + timedelta(seconds=window) > self.clock()
        return int(row.tries) if row and alive else 0

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of limits."""
        return (Task("limit counters purge", 3_600, self.purge),)

    def purge(self) -> int:
        """Drop counters that have been quiet for longer than any window."""
        limit = self.clock() - _KEPT
        with self.db.transaction():
            return self.db.execute(
                delete(COUNTER)
                .where(COUNTER.c.started_at < limit)
                .where((COUNTER.c.blocked_until.is_(None)) | (COUNTER.c.blocked_until < limit))
            ).rowcount

    def _locked(self, name: str, key: str) -> Row[Any]:
        digest = self._digest(name, key)
        while True:  # whoever forgets the key at this moment takes the row away
            self.db.insert_unless_present(
                COUNTER, {"name": name, "key": digest, "tries": 0, "started_at": self.clock()}
            )
            row: Row[Any] | None = self.db.one(
                select(COUNTER)
                .where(COUNTER.c.name == name, COUNTER.c.key == digest)
                .with_for_update()
            )
            if row is not None:
                return row

    def _write(self, name: str, key: str, **values: object) -> None:
        self.db.execute(
            update(COUNTER)
            .where(COUNTER.c.name == name, COUNTER.c.key == self._digest(name, key))
            .values(**values)
        )

    def _digest(self, name: str, key: str) -> bytes:
        return self.keyed_hash.digest(f"limit.{name}", key)


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds()) + 1
