"""The tables of access tokens, and of the answers that a replaced refresh token gets again."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


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


ACCESS = table(AccessTokenRow)
ROTATED = table(RotatedTokenRow)
