"""The table of notices that wait."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


class LogoutNoticeRow(Base):
    """One call to make to a partner whose session has ended."""

    __tablename__ = "oidc_logout_notice"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255))
    account_id: Mapped[str] = mapped_column(String(32))
    sid: Mapped[str | None] = mapped_column(String(64))
    auth_event_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


NOTICE = table(LogoutNoticeRow)
