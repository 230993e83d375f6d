"""Which FranceConnect identity belongs to which account: (iss, sub), compared byte for byte."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.accounts.model import UpstreamIdentity
from broker.base.clock import Clock
from broker.base.db import Base, Database, Instant, table


class UpstreamLinkRow(Base):
    """One identity of one account; an account may gather several, since ``sub`` can change."""

    __tablename__ = "upstream_link"

    iss: Mapped[str] = mapped_column(String(255), primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    linked_at: Mapped[datetime] = mapped_column(Instant)


UPSTREAM = table(UpstreamLinkRow)


@dataclass(frozen=True)
class UpstreamLinks:
    """Ties identities to accounts."""

    db: Database
    clock: Clock

    def account_of(self, identity: UpstreamIdentity) -> str | None:
        """Return the account of that identity."""
        found: str | None = self.db.scalar(
            select(UPSTREAM.c.account_id).where(
                UPSTREAM.c.iss == identity.iss, UPSTREAM.c.sub == identity.sub
            )
        )
        return found

    def tie(self, account_id: str, identity: UpstreamIdentity) -> bool:
        """Tie the identity to the account; False when it belongs to some account already."""
        values = {
            "iss": identity.iss,
            "sub": identity.sub,
            "account_id": account_id,
            "linked_at": self.clock(),
        }
        return self.db.insert_unless_present(UPSTREAM, values)

    def of(self, account_id: str) -> list[UpstreamIdentity]:
        """Return the identities of an account."""
        rows = self.db.all(
            select(UPSTREAM.c.iss, UPSTREAM.c.sub).where(UPSTREAM.c.account_id == account_id)
        )
        return [UpstreamIdentity(row.iss, row.sub) for row in rows]
