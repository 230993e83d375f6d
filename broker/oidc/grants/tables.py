"""The table of grants."""

from datetime import datetime

from sqlalchemy import Boolean, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


class GrantRow(Base):
    """One authorization, from its code to its last token: one row, so that one statement ends it.

    Codes and tokens are kept as digests. Scopes, methods, claims and resources are texts with
    spaces. The refresh token, where there is one, is here: its use locks the row, so that it
    has one effect, and revoking the row ends it together with every access token.
    """

    __tablename__ = "oidc_grant"

    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255))
    account_id: Mapped[str] = mapped_column(String(32), index=True)
    sid: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(64))
    auth_event_id: Mapped[str] = mapped_column(String(64))
    auth_time: Mapped[datetime] = mapped_column(Instant)
    acr: Mapped[str] = mapped_column(String(16))
    amr: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(Text)
    userinfo_claims: Mapped[str] = mapped_column(Text)
    id_token_claims: Mapped[str] = mapped_column(Text)
    resources: Mapped[str] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str | None] = mapped_column(String(64))
    nonce: Mapped[str | None] = mapped_column(Text)
    confirmation: Mapped[str | None] = mapped_column(String(43))
    offline: Mapped[bool] = mapped_column(Boolean)
    generation: Mapped[int] = mapped_column(Integer)
    refresh_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    redeemed_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


GRANT = table(GrantRow)
