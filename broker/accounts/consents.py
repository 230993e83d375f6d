"""What each account answered to each question, and which text asked it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.accounts.model import Consent
from broker.base.clock import Clock
from broker.base.db import Base, Database, Instant, table


class ConsentRow(Base):
    """One answer."""

    __tablename__ = "account_consent"

    account_id: Mapped[str] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    purpose: Mapped[str] = mapped_column(String(40), primary_key=True)
    given: Mapped[bool] = mapped_column(Boolean)
    text_version: Mapped[str] = mapped_column(String(20))
    answered_at: Mapped[datetime] = mapped_column(Instant)


CONSENT = table(ConsentRow)


@dataclass(frozen=True)
class Consents:
    """Keeps the answers."""

    db: Database
    clock: Clock

    def keep(self, account_id: str, consents: Iterable[Consent]) -> None:
        """Keep the answers of an account that has none."""
        now = self.clock()
        rows = [
            {
                "account_id": account_id,
                "purpose": consent.purpose,
                "given": consent.given,
                "text_version": consent.text_version,
                "answered_at": now,
            }
            for consent in consents
        ]
        if rows:
            self.db.execute(insert(CONSENT), rows)

    def forget(self, account_id: str) -> None:
        """Forget the answers of an account."""
        self.db.execute(delete(CONSENT).where(CONSENT.c.account_id == account_id))

    def of(self, account_id: str) -> list[Consent]:
        """Return the answers of an account."""
        columns = (CONSENT.c.purpose, CONSENT.c.given, CONSENT.c.text_version)
        rows = self.db.all(select(*columns).where(CONSENT.c.account_id == account_id))
        return [Consent(row.purpose, row.given, row.text_version) for row in rows]
