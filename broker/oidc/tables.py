"""The provider's tables: grants, consents, interactions, pushed requests, used assertions."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, Sealed, table


class GrantRow(Base):
    """One authorization, from its code to its last token: one row, so that one statement ends it.

    Codes and tokens are kept as digests. Scopes, methods and claims are texts with spaces.
    """

    __tablename__ = "oidc_grant"

    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255))
    account_id: Mapped[str] = mapped_column(String(32), index=True)
    sid: Mapped[str] = mapped_column(String(64), index=True)
    auth_event_id: Mapped[str] = mapped_column(String(64))
    auth_time: Mapped[datetime] = mapped_column(Instant)
    acr: Mapped[str] = mapped_column(String(16))
    amr: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(Text)
    userinfo_claims: Mapped[str] = mapped_column(Text)
    id_token_claims: Mapped[str] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str | None] = mapped_column(String(64))
    nonce: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    code_expires_at: Mapped[datetime] = mapped_column(Instant)
    redeemed_at: Mapped[datetime | None] = mapped_column(Instant)
    access_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    access_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class ConsentRow(Base):
    """What one person agreed that one partner reads; ``data`` is a text with spaces."""

    __tablename__ = "oidc_consent"

    account_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    data: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(16))
    given_at: Mapped[datetime] = mapped_column(Instant)


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


class ClientAssertionRow(Base):
    """One client assertion that was used, until it expires."""

    __tablename__ = "oidc_client_assertion"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


GRANT = table(GrantRow)
CONSENT = table(ConsentRow)
INTERACTION = table(InteractionRow)
PUSHED = table(PushedRequestRow)
ASSERTION = table(ClientAssertionRow)
