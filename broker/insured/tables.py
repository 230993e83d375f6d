"""The register's tables."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Instant, Sealed, table

DIGEST = 16
"""Bytes kept of each keyed digest: 128 bits."""


class InsuredRow(Base):
    """One row of the register; ``id`` is the keyed digest of what identifies it."""

    __tablename__ = "insured_person"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    nir_index: Mapped[bytes] = mapped_column(LargeBinary(DIGEST), index=True)
    match_index: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST), index=True)
    """Absent for dependants, who are never candidates."""
    civil_status: Mapped[bytes] = mapped_column(Sealed)
    proofs: Mapped[bytes] = mapped_column(Sealed)
    nir_status: Mapped[str] = mapped_column(String(16))
    certified: Mapped[bool]
    quality: Mapped[str] = mapped_column(String(16))
    regime: Mapped[str] = mapped_column(String(16))
    rights_open: Mapped[bool]
    vitale_status: Mapped[str] = mapped_column(String(16))
    loaded_at: Mapped[datetime] = mapped_column(Instant)


class DecisionRow(Base):
    """The decision record behind a creation's reference; it holds no value of a person."""

    __tablename__ = "insured_decision"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    decided_at: Mapped[datetime] = mapped_column(Instant, index=True)
    refused: Mapped[bool] = mapped_column(server_default=true())
    body: Mapped[str] = mapped_column(Text)


INSURED = table(InsuredRow)
DECISION = table(DecisionRow)
