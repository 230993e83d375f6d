"""The tables of what was used once: client assertions, DPoP proofs."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, table


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


ASSERTION = table(ClientAssertionRow)
PROOF = table(ProofRow)
