"""Where detection stands, what it found, and until when it says nothing more of a group."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


class DetectionPosition(Base):
    """The only row: the last place of the sealed trail that every rule has seen."""

    __tablename__ = "detection_position"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)


class DetectionQuiet(Base):
    """One alert stands for all that a group does until then."""

    __tablename__ = "detection_quiet"

    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    group_value: Mapped[str] = mapped_column(String(255), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant)


class DetectionAlert(Base):
    """One alert; pseudonyms, references and addresses only, as the trail has them."""

    __tablename__ = "detection_alert"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    rule: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(16))
    group_by: Mapped[str] = mapped_column(String(32))
    group_value: Mapped[str] = mapped_column(String(255))
    counted: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)
    raised_at: Mapped[datetime] = mapped_column(Instant, index=True)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)


class DetectionNotice(Base):
    """One notice of an alert that a channel waits for."""

    __tablename__ = "detection_notice"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    attempts: Mapped[int] = mapped_column(Integer)


NOTICE = table(DetectionNotice)
POSITION, QUIET, ALERT = table(DetectionPosition), table(DetectionQuiet), table(DetectionAlert)
