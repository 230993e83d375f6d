"""Links sent by mail: kept by fingerprint, of one purpose, used once, replaced by the next one."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.accounts.model import DeadLink
from broker.base.clock import Clock
from broker.base.crypto import Secret, Vault, fingerprint, new_token
from broker.base.db import Base, Database, Instant, Sealed, table


class Purpose(StrEnum):
    """What a link is for; it is good for nothing else."""

    ACTIVATION = "activation"
    RESET = "reset"
    ADDRESS = "address"
    """Confirms a new address; the link carries it."""
    NOT_ME = "not_me"
    """Takes the account back from an intruder; the link carries the address it was mailed to."""


class MailedLinkRow(Base):
    """One link; the token itself is only in the mail."""

    __tablename__ = "mailed_link"

    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(16))
    address: Mapped[bytes | None] = mapped_column(Sealed)
    cause: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


LINK = table(MailedLinkRow)
_LOOKS_LIKE_A_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass(frozen=True)
class MailedLinks:
    """Makes, finds and uses up links."""

    db: Database
    vault: Vault
    clock: Clock

    def replace(
        self,
        account_id: str,
        purpose: Purpose,
        expires_at: datetime,
        address: Secret | None = None,
    ) -> Secret:
        """Make a link that kills those made before; belongs in the transaction of its mail."""
        self.kill(account_id, purpose)
        return self.add(account_id, purpose, expires_at, address)

    def add(
        self,
        account_id: str,
        purpose: Purpose,
        expires_at: datetime,
        address: Secret | None = None,
        cause: str | None = None,
    ) -> Secret:
        """Make a link beside those made before; belongs in the transaction of its mail.

        *cause* is the event that the mail tells of.
        """
        token = _token_for_mail()
        self.db.execute(
            insert(LINK).values(
                fingerprint=fingerprint(token),
                account_id=account_id,
                purpose=str(purpose),
                address=self.vault.seal(LINK.c.address, address.reveal()) if address else None,
                cause=cause,
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

    def address(self, token: Secret) -> Secret:
        """Return the address that a link carries; DeadLink where it was killed meanwhile."""
        sealed = self.db.scalar(
            select(LINK.c.address).where(LINK.c.fingerprint == fingerprint(token))
        )
        if sealed is None:
            raise DeadLink
        return Secret(self.vault.open(LINK.c.address, sealed))

    def cause(self, token: Secret) -> str | None:
        """Return the event that the mail of a link told of."""
        found: str | None = self.db.scalar(
            select(LINK.c.cause).where(LINK.c.fingerprint == fingerprint(token))
        )
        return found

    def kill(self, account_id: str, *purposes: Purpose) -> bool:
        """Forget the account's links of these purposes; whether there were any.

        Where none is named, all but those that take the account back: whoever has taken it over
        must not be able to kill them.
        """
        named = purposes or tuple(set(Purpose) - {Purpose.NOT_ME})
        killed = self.db.execute(
            delete(LINK).where(
                LINK.c.account_id == account_id,
                LINK.c.purpose.in_([str(purpose) for purpose in named]),
            )
        )
        return killed.rowcount > 0

    def kill_since(self, token: Secret) -> None:
        """Forget the links of the same account that are younger than this one."""
        this = select(LINK.c.account_id, LINK.c.created_at).where(
            LINK.c.fingerprint == fingerprint(token)
        )
        row = self.db.one(this)
        if row:
            self.db.execute(
                delete(LINK).where(
                    LINK.c.account_id == row.account_id,
                    LINK.c.created_at >= row.created_at,
                    LINK.c.fingerprint != fingerprint(token),
                )
            )

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
