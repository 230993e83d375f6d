"""Accounts that the register tells of, as rows of the account table: many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Column, select

from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Channel, Status
from broker.accounts.store import ACCOUNT, EMAIL_LABEL, NIR_LABEL
from broker.base.crypto import KeyedHash, Vault
from broker.base.db import Database
from broker.insured.filed_batch import AccountHolder


class AdoptedRow(NamedTuple):
    """What one row of the account table holds of its own where the register told of it, sealed."""

    id: str
    insured_id: str
    nir: bytes
    nir_index: bytes
    email: bytes | None
    email_index: bytes | None
    created_at: datetime


@dataclass(frozen=True)
class AdoptionStore:
    """Seals and writes such accounts."""

    db: Database
    vault: Vault
    index: KeyedHash

    def sealed(
        self, holders: Sequence[AccountHolder], emails: Sequence[EmailAddress | None], at: datetime
    ) -> list[AdoptedRow]:
        """Return accounts of the register as rows, sealed; touches no database."""
        nirs = [holder.nir.value for holder in holders]
        known = [email for email in emails if email]
        sealed = iter(self.vault.seal_all(ACCOUNT.c.email, (email.value for email in known)))
        digests = iter(self.index.digests(EMAIL_LABEL, (email.canonical for email in known)))
        return [
            AdoptedRow(
                id=uuid4().hex,
                insured_id=holder.insured_id,
                nir=nir,
                nir_index=nir_index,
                email=next(sealed) if email else None,
                email_index=next(digests) if email else None,
                created_at=at,
            )
            for holder, email, nir, nir_index in zip(
                holders,
                emails,
                self.vault.seal_all(ACCOUNT.c.nir, nirs),
                self.index.digests(NIR_LABEL, nirs),
                strict=True,
            )
        ]

    def add(self, rows: Sequence[AdoptedRow]) -> list[str]:
        """Insert accounts of the register, but for numbers that have one; return the new ids.

        An address that another account holds, here or earlier in the batch, is left out.
        """
        first: dict[bytes, AdoptedRow] = {}
        for row in rows:
            first.setdefault(row.nir_index, row)
        known = self._present(ACCOUNT.c.nir_index, first)
        fresh = [row for digest, row in first.items() if digest not in known]
        taken = self._present(ACCOUNT.c.email_index, [row.email_index for row in fresh])
        for place, row in enumerate(fresh):
            if row.email_index in taken:
                fresh[place] = row._replace(email=None, email_index=None)
            taken.add(row.email_index)
        if fresh:
            self._insert(fresh)
        return [row.id for row in fresh]

    def _insert(self, rows: Sequence[AdoptedRow]) -> None:
        same = {
            "status": str(Status.ACTIVE),
            "channel": str(Channel.REGISTER),
            "code_required": True,
        }
        values = [{**row._asdict(), **same, "activated_at": row.created_at} for row in rows]
        self.db.insert_rows(ACCOUNT, values)

    def _present(self, column: Column[Any], digests: Iterable[bytes | None]) -> set[bytes | None]:
        wanted = [digest for digest in digests if digest]
        if not wanted:
            return set()
        return {row[0] for row in self.db.all(select(column).where(self.db.among(column, wanted)))}
