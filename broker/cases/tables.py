"""Cases: pseudonyms and references only, so that analysts read them without the accounts."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table

_OPEN = text("closed_at IS NULL")


class CaseRow(Base):
    """One case; of one account, one of a kind is open at a time."""

    __tablename__ = "security_case"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject_ref: Mapped[str] = mapped_column(String(64))
    auth_event_id: Mapped[str | None] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None] = mapped_column(String(64))
    conclusion: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        Index(
            "uq_security_case_open",
            "subject_ref",
            "kind",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )


CASE = table(CaseRow)
