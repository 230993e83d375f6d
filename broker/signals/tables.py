"""The tables of shared signals: what waits, the streams, who was told of a suspension."""

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, Sealed, table


class SignalRow(Base):
    """One event that waits for one partner; ``details`` is JSON that names nobody.

    Ids are in the order of what happened.
    """

    __tablename__ = "signal"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255))
    account_id: Mapped[str | None] = mapped_column(String(32))
    sid: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(40))
    details: Mapped[str] = mapped_column(Text)
    address: Mapped[bytes | None] = mapped_column(Sealed)
    txn: Mapped[str] = mapped_column(String(43))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index(None, "client_id", "id"),)


class SignalStreamRow(Base):
    """The stream of one partner, once it was sent something or asked for something."""

    __tablename__ = "signal_stream"

    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    status: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(255))
    updated_at: Mapped[datetime] = mapped_column(Instant)


class SignalSuspensionRow(Base):
    """A partner that was told that an account is suspended, hence is told when it opens again."""

    __tablename__ = "signal_suspension"

    account_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)


SIGNAL = table(SignalRow)
STREAM = table(SignalStreamRow)
SUSPENSION = table(SignalSuspensionRow)
