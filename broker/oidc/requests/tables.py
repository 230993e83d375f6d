"""The tables of requests on their way."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, Sealed, table


class InteractionRow(Base):
    """One request that waits for a login in one browser."""

    __tablename__ = "oidc_interaction"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[str] = mapped_column(String(255))
    parameters: Mapped[bytes] = mapped_column(Sealed)
    pushed: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class PushedRequestRow(Base):
    """One pushed request, known by the digest of its request_uri."""

    __tablename__ = "oidc_pushed_request"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255))
    parameters: Mapped[bytes] = mapped_column(Sealed)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


INTERACTION = table(InteractionRow)
PUSHED = table(PushedRequestRow)
