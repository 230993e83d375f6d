"""Cuts: references and pseudonyms only, and counts."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


class CutRow(Base):
    """One cut; ``counted_before`` and ``counted_after`` are JSON."""

    __tablename__ = "security_cut"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(String(200))
    planned_at: Mapped[datetime] = mapped_column(Instant, index=True)
    planned_by: Mapped[str] = mapped_column(String(64))
    planner_id: Mapped[str | None] = mapped_column(String(32))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(16))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    counted_before: Mapped[str] = mapped_column(Text)
    counted_after: Mapped[str | None] = mapped_column(Text)


CUT = table(CutRow)
