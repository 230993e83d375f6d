"""Analysts and their sessions: apart from the accounts of insured people."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, Sealed, table


class AnalystRow(Base):
    """One analyst; ``last_step`` is the last time step whose code was used.

    ``begun_at``: when its holder accepted the invitation; NULL before, or before it was kept.
    """

    __tablename__ = "analyst"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    standing: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[bytes] = mapped_column(Sealed)
    last_step: Mapped[int] = mapped_column(BigInteger)
    invitation: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    invitation_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    begun_at: Mapped[datetime | None] = mapped_column(Instant)


class AnalystSessionRow(Base):
    """One login of an analyst; its end removes the row, and the application that waits in it."""

    __tablename__ = "analyst_session"

    cookie: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    id: Mapped[str] = mapped_column(String(43), unique=True)
    analyst_id: Mapped[str] = mapped_column(
        ForeignKey("analyst.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    new_totp_secret: Mapped[bytes | None] = mapped_column(Sealed)
    new_totp_expires_at: Mapped[datetime | None] = mapped_column(Instant)


ANALYST = table(AnalystRow)
ANALYST_SESSION = table(AnalystSessionRow)
