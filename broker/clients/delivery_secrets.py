"""What we prove ourselves with where a partner receives events: sealed, since it is sent."""

from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.crypto import Secret, Vault
from broker.base.db import Base, Database, Sealed, table


class DeliverySecretRow(Base):
    """The Authorization header of one partner's receiver."""

    __tablename__ = "client_delivery_secret"

    client_id: Mapped[str] = mapped_column(
        String(255), ForeignKey("client.client_id", ondelete="CASCADE"), primary_key=True
    )
    header: Mapped[bytes] = mapped_column(Sealed)


DELIVERY_SECRET = table(DeliverySecretRow)


@dataclass(frozen=True)
class DeliverySecrets:
    """Keeps one header per partner; a partner's own secrets, which only come in, are hashed."""

    db: Database
    vault: Vault

    def of(self, client_id: str) -> Secret | None:
        """Return the header to send, if the partner gave one."""
        row = DELIVERY_SECRET.c
        sealed = self.db.scalar(select(row.header).where(row.client_id == client_id))
        return None if sealed is None else Secret(self.vault.open(row.header, sealed))

    def keep(self, client_id: str, header: Secret) -> None:
        """Send that header from now on; belongs in a transaction."""
        self.forget(client_id)
        sealed = self.vault.seal(DELIVERY_SECRET.c.header, header.reveal())
        self.db.execute(insert(DELIVERY_SECRET).values(client_id=client_id, header=sealed))

    def forget(self, client_id: str) -> None:
        """Send none from now on; belongs in a transaction."""
        self.db.execute(delete(DELIVERY_SECRET).where(DELIVERY_SECRET.c.client_id == client_id))
