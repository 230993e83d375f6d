"""Finds events by their age, removes them, and keeps what must not be removed."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    Select,
    String,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from broker.audit.as_stored import as_stored
from broker.audit.retention.purged import STRETCH
from broker.audit.sealing.tree_store import CHECKPOINT, LEAF
from broker.audit.store import EVENT
from broker.base.db import Base, Database, Instant, table


class AuditPurger(Base):
    """The only row: who holds it removes, or says what is held."""

    __tablename__ = "audit_purger"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    done_for: Mapped[datetime | None] = mapped_column(Instant)


class AuditHold(Base):
    """A person or a login whose events are kept beyond their time."""

    __tablename__ = "audit_hold"

    held: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)


PURGER, HOLD = table(AuditPurger), table(AuditHold)
_OTHER = EVENT.alias()
_SEALED = LEAF.join(EVENT, EVENT.c.event_id == LEAF.c.event_id)
_HELD = (
    select(HOLD.c.held)
    .where(or_(HOLD.c.held == EVENT.c.subject_ref, HOLD.c.held == EVENT.c.auth_event_id))
    .exists()
)


@dataclass(frozen=True)
class PurgeStore:
    """Reads by the indexes of the trail; only ``remove`` takes anything away."""

    db: Database

    def done_for(self) -> datetime | None:
        """Return the day for which everything was removed."""
        found: datetime | None = self.db.scalar(select(PURGER.c.done_for))
        return found

    def hold(self) -> bool:
        """Take the purger's row for this transaction; False when another worker has it."""
        row = select(PURGER.c.id).with_for_update(skip_locked=True)
        return self.db.scalar(row) is not None

    def note_done(self, day: datetime | None) -> None:
        """Keep the day for which everything was removed; None: look again."""
        self.db.execute(update(PURGER).values(done_for=day))

    def types(self) -> Iterator[str]:
        """Yield each type that the trail has: one step in the index for each."""
        found = self.db.scalar(select(func.min(EVENT.c.type)))
        while found is not None:
            yield found
            found = self.db.scalar(select(func.min(EVENT.c.type)).where(EVENT.c.type > found))

    def oldest(self, kind: str) -> Row[Any] | None:
        """Return the oldest event of a type."""
        found: Row[Any] | None = self.db.one(self._oldest(kind))
        return found

    def next_free(self, kind: str, after: Row[Any] | None) -> Row[Any] | None:
        """Return the oldest event of a type that is not held, behind that one."""
        found = self._oldest(kind).where(~_HELD)
        if after:
            # What is no moment stays, for the database to read; what was one may be gone by now.
            there = select(_OTHER.c.time).where(_OTHER.c.event_id == after.event_id)
            known = literal(_moment(after.time), Instant())
            time = func.coalesce(there.scalar_subquery(), known)
            behind = or_(EVENT.c.time > time, EVENT.c.event_id > after.event_id)
            found = found.where(EVENT.c.time >= time, behind)
        row: Row[Any] | None = self.db.one(found)
        return row

    def stretch(self, number: int) -> Sequence[Row[Any]]:
        """Return the events of a stretch that are there and not held, with their leaves."""
        first = number * STRETCH
        of_event = [column for column in EVENT.c if column.name != "event_id"]
        return self.db.all(
            select(*as_stored(self.db, *LEAF.c, *of_event))
            .select_from(_SEALED)
            .where(LEAF.c.position.between(first, first + STRETCH - 1), ~_HELD)
            .order_by(LEAF.c.position)
        )

    def remove(self, event_ids: Collection[str]) -> int:
        """Remove events; return how many were there."""
        return self.db.execute(
            delete(EVENT).where(self.db.among(EVENT.c.event_id, event_ids))
        ).rowcount

    def due(self, kind: str, before: datetime) -> tuple[int, int]:
        """Return how many events of a type are older than that, and how many of them are held."""
        old = select(func.count()).select_from(EVENT)
        old = old.where(EVENT.c.type == kind, EVENT.c.time < before)
        return int(self.db.scalar(old)), int(self.db.scalar(old.where(_HELD)))

    def first_signed_note(self) -> str | None:
        """Return the note of the first checkpoint that counts events."""
        counted = CHECKPOINT.c.note.not_like("%\n0\n%")
        first = select(CHECKPOINT.c.note).where(counted).order_by(CHECKPOINT.c.number).limit(1)
        found = self.db.scalar(first)
        return str(found) if found else None

    def wait_for_turn(self) -> None:
        """Hold the purger's row once no worker does: what is being removed comes before."""
        self.db.one(select(PURGER.c.id).with_for_update())

    def add_hold(self, held: str, now: datetime) -> bool:
        """Keep the events of a person or login; False when they are kept already."""
        return self.db.insert_unless_present(HOLD, {"held": held, "since": now})

    def known(self, held: str) -> int:
        """Return how many events a hold keeps, or would keep."""
        theirs = or_(EVENT.c.subject_ref == held, EVENT.c.auth_event_id == held)
        return int(self.db.scalar(select(func.count()).select_from(EVENT).where(theirs)))

    def drop_hold(self, held: str) -> bool:
        """Keep them no longer; False when nothing held them."""
        return self.db.execute(delete(HOLD).where(HOLD.c.held == held)).rowcount == 1

    def holds(self) -> Sequence[Row[Any]]:
        """Return what is held, the oldest first."""
        return self.db.all(select(HOLD).order_by(HOLD.c.since, HOLD.c.held))

    def _oldest(self, kind: str) -> Select[Any]:
        sealed = EVENT.outerjoin(LEAF, EVENT.c.event_id == LEAF.c.event_id)
        shown = as_stored(self.db, EVENT.c.event_id, EVENT.c.time, EVENT.c.body, LEAF.c.position)
        found = select(*shown).select_from(sealed).where(EVENT.c.type == kind)
        return found.order_by(EVENT.c.time, EVENT.c.event_id).limit(1)


def _moment(stored: Any) -> datetime | None:  # noqa: ANN401 - whatever stands there
    try:
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
