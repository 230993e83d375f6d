"""The table of logins on apps' own screens."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


class AuthSessionRow(Base):
    """One login on an app's own screens, known by the digest of the token of its next step."""

    __tablename__ = "oidc_auth_session"

    interaction_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    browser: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[str] = mapped_column(String(255))
    confirmation: Mapped[str] = mapped_column(String(43))
    attempt_id: Mapped[str | None] = mapped_column(String(43))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


AUTH_SESSION = table(AuthSessionRow)
