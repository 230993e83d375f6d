"""Links sent by mail: kept by fingerprint, of one purpose, used once, replaced by the next one."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.clock import Clock
from broker.base.crypto import Secret, fingerprint, new_token
from broker.base.db import Base, Database, Instant, table


class Purpose(StrEnum):
    """What a link is for; it is good for nothing else."""

    ACTIVATION = "activation"
    RESET = "reset"


class MailedLinkRow(Base):
    """One link; the token itself is only in the mail."""

    __tablename__ = "mailed_link"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


LINK = table(MailedLinkRow)
_LOOKS_LIKE_A_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass(frozen=True)
class MailedLinks:
    """Makes, finds and uses up links."""

    db: Database
    clock: Clock

    def replace(self, account_id: str, purpose: Purpose, expires_at: datetime) -> Secret:
        """Make a link that kills those made before; belongs in the transaction of its mail."""
        self.kill(account_id, purpose)
        token = _token_for_mail()
        self.db.execute(
            insert(LINK).values(
                fingerprint=fingerprint(token),
                account_id=account_id,
                purpose=str(purpose),
                created_at=self.clock(),
                expires_at=expires_at,
            )
        )
        return token

    def find(self, token: Secret, purpose: Purpose) -> str | None:
        """Return the account of a live link, changing nothing; it lives to its last second."""
        found: str | None = self.db.scalar(
            select(LINK.c.account_id).where(
                LINK.c.fingerprint == fingerprint(token),
                LINK.c.purpose == str(purpose),
                LINK.c.used_at.is_(None),
                LINK.c.expires_at >= self.clock(),
            )
        )
        return found

    def use_up(self, token: Secret, purpose: Purpose) -> str | None:
        """Return the account of a live link, once: of parallel calls a single one gets it."""
        now = self.clock()
        used = self.db.execute(
            update(LINK)
            .where(
                LINK.c.fingerprint == fingerprint(token),
                LINK.c.purpose == str(purpose),
                LINK.c.used_at.is_(None),
                LINK.c.expires_at >= now,
            )
            .values(used_at=now)
            .returning(LINK.c.account_id)
        )
        return used.scalar_one_or_none()

    def kill(self, account_id: str, *purposes: Purpose) -> None:
        """Forget the account's links of these purposes, of all where none is named."""
        statement = delete(LINK).where(LINK.c.account_id == account_id)
        if purposes:
            statement = statement.where(LINK.c.purpose.in_([str(purpose) for purpose in purposes]))
        self.db.execute(statement)

    def purge(self) -> int:
        """Delete links that are no longer good for anything; return how many."""
        with self.db.transaction():
            return self.db.execute(delete(LINK).where(LINK.c.expires_at < self.clock())).rowcount


def _token_for_mail() -> Secret:
    """Draw a token without six digits in a row: in a mail these are a security code."""
    while True:
        token = new_token()
        if not _LOOKS_LIKE_A_CODE.search(token.reveal()):
            return token
