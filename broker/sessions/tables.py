"""The tables of sessions, login requests and attempts, remembered browsers."""

from datetime import datetime

from sqlalchemy import Boolean, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, Sealed, table


class SessionRow(Base):
    """One session; ended ones stay a while for the trail's sake."""

    __tablename__ = "session"

    cookie: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    sid: Mapped[str] = mapped_column(String(43), index=True)
    account_id: Mapped[str] = mapped_column(String(64), index=True)
    auth_event_id: Mapped[str] = mapped_column(String(64), index=True)
    auth_time: Mapped[datetime] = mapped_column(Instant)
    acr: Mapped[str] = mapped_column(String(16))
    amr: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(64), index=True)
    login_request_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None] = mapped_column(String(40))
    label: Mapped[str | None] = mapped_column(String(120))
    late_at: Mapped[datetime | None] = mapped_column(Instant)
    copied_at: Mapped[datetime | None] = mapped_column(Instant)


Index(
    "ix_session_live",
    SessionRow.seen_at,
    sqlite_where=SessionRow.ended_at.is_(None),
    postgresql_where=SessionRow.ended_at.is_(None),
)


class LoginRequestRow(Base):
    """Why a login was asked; ended when the person has logged in for it, or given up."""

    __tablename__ = "login_request"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64), index=True)
    requester: Mapped[str | None] = mapped_column(String(255))
    client_id: Mapped[str | None] = mapped_column(String(255))
    return_to: Mapped[str] = mapped_column(Text)
    cancel_to: Mapped[str | None] = mapped_column(Text)
    restart_to: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(16))
    from_franceconnect: Mapped[bool] = mapped_column(Boolean)
    offers_franceconnect: Mapped[bool] = mapped_column(Boolean)
    login_hint: Mapped[bytes | None] = mapped_column(Sealed)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class LoginAttemptRow(Base):
    """A login between the password and the code."""

    __tablename__ = "login_attempt"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(64), index=True)
    browser: Mapped[str] = mapped_column(String(64))
    challenge_id: Mapped[str] = mapped_column(String(43))
    login_request_id: Mapped[str | None] = mapped_column(String(64))
    auth_event_id: Mapped[str] = mapped_column(String(64))
    acr: Mapped[str] = mapped_column(String(16))
    amr: Mapped[str] = mapped_column(String(64))
    upstream: Mapped[str | None] = mapped_column(Text)
    tie: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


class RememberedBrowserRow(Base):
    """A browser that is not asked for a code each time."""

    __tablename__ = "remembered_browser"

    cookie: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    id: Mapped[str] = mapped_column(String(43), unique=True)
    account_id: Mapped[str] = mapped_column(String(64), index=True)
    label: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


SESSION = table(SessionRow)
REQUEST = table(LoginRequestRow)
ATTEMPT = table(LoginAttemptRow)
REMEMBERED = table(RememberedBrowserRow)
