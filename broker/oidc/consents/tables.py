"""The table of consents."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


class ConsentRow(Base):
    """What one person agreed that one partner reads; ``data`` is a text with spaces."""

    __tablename__ = "oidc_consent"

    account_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    data: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(16))
    given_at: Mapped[datetime] = mapped_column(Instant)


CONSENT = table(ConsentRow)
