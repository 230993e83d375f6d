"""Where partners and the keyed hashes of their secrets are kept."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    and_,
    case,
    delete,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Database, Instant, table
from broker.clients.model import StoredSecret


class ClientRow(Base):
    """One partner; ``registration`` is its file as JSON, without the secret.

    What it was granted before ``served_since`` ended when it was switched off.
    """

    __tablename__ = "client"

    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    registration: Mapped[str] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(Boolean)
    served_since: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ClientSecretRow(Base):
    """One secret of a partner, as a keyed hash; two are active while it changes."""

    __tablename__ = "client_secret"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    client_id: Mapped[str] = mapped_column(
        String(255), ForeignKey("client.client_id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


CLIENT = table(ClientRow)
SECRET = table(ClientSecretRow)


@dataclass(frozen=True)
class StoredClient:
    """A partner as it is kept."""

    client_id: str
    document: dict[str, Any]
    enabled: bool
    updated_at: datetime
    served_since: datetime | None = None
    secrets: tuple[StoredSecret, ...] = ()


@dataclass(frozen=True)
class ClientStore:
    """Reads and writes partners."""

    db: Database

    def every(self, now: datetime) -> tuple[StoredClient, ...]:
        """Return every partner with its active secrets, by client_id."""
        secrets: dict[str, list[StoredSecret]] = {}
        for row in self.db.all(select(SECRET).where(_active(now)).order_by(SECRET.c.id.desc())):
            kept = StoredSecret(row.digest, row.expires_at)
            secrets.setdefault(row.client_id, []).append(kept)
        return tuple(
            StoredClient(
                row.client_id,
                json.loads(row.registration),
                row.enabled,
                row.updated_at,
                row.served_since,
                tuple(secrets.get(row.client_id, ())),
            )
            for row in self.db.all(select(CLIENT).order_by(CLIENT.c.client_id))
        )

    def save(self, client_id: str, document: dict[str, Any], now: datetime) -> None:
        """Register a partner, or replace its registration; a disabled one stays disabled."""
        text = json.dumps(document, sort_keys=True, default=str)
        values = {"registration": text, "updated_at": now}
        new = {"client_id": client_id, "enabled": True, "created_at": now, **values}
        if not self.db.insert_unless_present(CLIENT, new):
            self.db.execute(update(CLIENT).where(CLIENT.c.client_id == client_id).values(**values))

    def enable(self, client_id: str, *, enabled: bool, now: datetime) -> bool:
        """Switch a partner on or off; False when it is not registered."""
        back = and_(CLIENT.c.enabled.is_(False), literal(enabled))
        changed = self.db.execute(
            update(CLIENT)
            .where(CLIENT.c.client_id == client_id)
            .values(
                enabled=enabled,
                served_since=case((back, literal(now, Instant)), else_=CLIENT.c.served_since),
                updated_at=now,
            )
        )
        return changed.rowcount == 1

    def add_secret(self, client_id: str, digest: bytes, now: datetime, overlap: datetime) -> None:
        """Make *digest* the secret; of the older ones, the newest lives until *overlap*."""
        latest = self.db.scalar(
            select(SECRET.c.id)
            .where(SECRET.c.client_id == client_id, _active(now))
            .order_by(SECRET.c.id.desc())
            .limit(1)
        )
        self.db.execute(
            delete(SECRET).where(SECRET.c.client_id == client_id, SECRET.c.id != (latest or 0))
        )
        self.db.execute(
            update(SECRET).where(SECRET.c.client_id == client_id).values(expires_at=overlap)
        )
        self.db.execute(insert(SECRET).values(client_id=client_id, digest=digest, created_at=now))


def _active(now: datetime) -> Any:  # noqa: ANN401 - an SQL condition
    return or_(SECRET.c.expires_at.is_(None), SECRET.c.expires_at > now)
