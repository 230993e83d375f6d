"""The provider's tables: grants, tokens, consents, pending requests, assertions, proofs."""

from datetime import datetime

from sqlalchemy import Boolean, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, Sealed, table


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


class ConsentRow(Base):
    """What one person agreed that one partner reads; ``data`` is a text with spaces."""

    __tablename__ = "oidc_consent"

    account_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    data: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(16))
    given_at: Mapped[datetime] = mapped_column(Instant)


class AccessTokenRow(Base):
    """One access token, opaque or signed; it is worth what its grant is worth."""

    __tablename__ = "oidc_access_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    generation: Mapped[int] = mapped_column(Integer)
    jti: Mapped[str | None] = mapped_column(String(43))
    scopes: Mapped[str] = mapped_column(Text)
    resource: Mapped[str | None] = mapped_column(Text)
    confirmation: Mapped[str | None] = mapped_column(String(43))
    issued_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class RotatedTokenRow(Base):
    """A refresh token that was replaced a moment ago, and the answer that it gets again.

    The answer is encrypted under a key that only the replaced token yields: not `Sealed`.
    """

    __tablename__ = "oidc_rotated_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    generation: Mapped[int] = mapped_column(Integer)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


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


class ClientAssertionRow(Base):
    """One client assertion that was used, until it expires."""

    __tablename__ = "oidc_client_assertion"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class ProofRow(Base):
    """One DPoP proof that was used, for as long as it could be used again."""

    __tablename__ = "oidc_dpop_proof"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


GRANT = table(GrantRow)
CONSENT = table(ConsentRow)
ACCESS = table(AccessTokenRow)
ROTATED = table(RotatedTokenRow)
NOTICE = table(LogoutNoticeRow)
INTERACTION = table(InteractionRow)
PUSHED = table(PushedRequestRow)
AUTH_SESSION = table(AuthSessionRow)
ASSERTION = table(ClientAssertionRow)
PROOF = table(ProofRow)
