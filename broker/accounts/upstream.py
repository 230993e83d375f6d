"""Which FranceConnect identity opens which account: (iss, sub), compared byte for byte."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.accounts.model import Tie, UpstreamIdentity
from broker.base.clock import Clock
from broker.base.db import Base, Database, Instant, table


class UpstreamTieRow(Base):
    """One identity of one account: an identity opens one account, an account has one per issuer.

    A ``sub`` changes with the civil status of its person: then the tie is replaced.
    """

    __tablename__ = "upstream_tie"
    __table_args__ = (UniqueConstraint("account_id", "iss"),)

    iss: Mapped[str] = mapped_column(String(255), primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    tied_at: Mapped[datetime] = mapped_column(Instant)


TIE = table(UpstreamTieRow)


@dataclass(frozen=True)
class UpstreamTies:
    """Ties identities to accounts."""

    db: Database
    clock: Clock

    def account_of(self, identity: UpstreamIdentity) -> str | None:
        """Return the account that this identity opens."""
        found: str | None = self.db.scalar(
            select(TIE.c.account_id).where(TIE.c.iss == identity.iss, TIE.c.sub == identity.sub)
        )
        return found

    def tie(self, account_id: str, identity: UpstreamIdentity) -> bool:
        """Tie the identity to the account; False where either is tied already at that issuer."""
        return self._put(account_id, Tie(identity, self.clock()))

    def replace(self, account_id: str, former: Tie, identity: UpstreamIdentity) -> bool:
        """Tie the identity in place of the former one; False, and no change, where it is tied."""
        self.untie(account_id, former)
        if self.tie(account_id, identity):
            return True
        self._put(account_id, former)
        return False

    def untie(self, account_id: str, tie: Tie) -> bool:
        """Undo that tie; False where it is not there any more."""
        gone = self.db.execute(
            delete(TIE).where(
                TIE.c.account_id == account_id,
                TIE.c.iss == tie.identity.iss,
                TIE.c.sub == tie.identity.sub,
            )
        )
        return gone.rowcount == 1

    def of(self, account_id: str) -> list[Tie]:
        """Return the ties of an account."""
        rows = self.db.all(select(TIE).where(TIE.c.account_id == account_id))
        return [Tie(UpstreamIdentity(row.iss, row.sub), row.tied_at) for row in rows]

    def _put(self, account_id: str, tie: Tie) -> bool:
        values = {
            "iss": tie.identity.iss,
            "sub": tie.identity.sub,
            "account_id": account_id,
            "tied_at": tie.tied_at,
        }
        return self.db.insert_unless_present(TIE, values)
