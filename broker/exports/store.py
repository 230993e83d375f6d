"""How far each sink has got, and which worker sends to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Database, Instant, table
from broker.exports.model import LEASE, Progress


class AuditExport(Base):
    """One sink; ``position``: of the first event that it has not accepted yet."""

    __tablename__ = "audit_export"

    sink: Mapped[str] = mapped_column(String(31), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime] = mapped_column(Instant)
    holder: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(String(80))


EXPORT = table(AuditExport)


@dataclass(frozen=True)
class ExportStore:
    """Hands each sink to one worker at a time; who has lost it changes nothing any more."""

    db: Database

    def progress(self, sink: str) -> Progress | None:
        """Return how far a sink has got; None before its first turn."""
        row = self.db.one(select(EXPORT).where(EXPORT.c.sink == sink))
        return Progress(*row) if row else None

    def begin(self, sink: str, now: datetime) -> None:
        """Let a sink start with the first event, where it has not started yet."""
        self.db.insert_unless_present(EXPORT, vars(Progress(sink, 0, due_at=now)))

    def take(self, seen: Progress, holder: str, now: datetime) -> Progress | None:
        """Hold a sink as it was seen; None when another worker was faster."""
        held_until = now + LEASE
        taken = self.db.execute(
            update(EXPORT)
            .where(
                EXPORT.c.sink == seen.sink,
                EXPORT.c.position == seen.position,
                EXPORT.c.due_at <= now,
                _is_free(now),
            )
            .values(holder=holder, held_until=held_until)
        )
        return replace(seen, holder=holder, held_until=held_until) if taken.rowcount else None

    def keep(self, held: Progress, **changes: Any) -> Progress | None:  # noqa: ANN401 - columns
        """Change what the holder holds; None when it was lost meanwhile."""
        kept = self.db.execute(
            update(EXPORT)
            .where(EXPORT.c.sink == held.sink, EXPORT.c.holder == held.holder)
            .values(**changes)
        )
        return replace(held, **changes) if kept.rowcount else None

    def move(self, seen: Progress, position: int, now: datetime) -> bool:
        """Set where a sink goes on, at once; False while a worker holds it, or just moved it."""
        moved = self.db.execute(
            update(EXPORT)
            .where(EXPORT.c.sink == seen.sink, EXPORT.c.position == seen.position, _is_free(now))
            .values(position=position, due_at=now, holder=None, held_until=None)
        )
        return moved.rowcount == 1


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(EXPORT.c.held_until.is_(None), EXPORT.c.held_until <= now)
