"""Where keys are kept, their private part sealed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Row, String, Table, Text, insert, null, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.crypto import Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.keys.model import Algorithm, EncryptionKey, PrivateKey, SigningKey


class SigningKeyRow(Base):
    """One signing key; the public part is JSON in clear, the private part is sealed JSON."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    public: Mapped[str] = mapped_column(Text)
    private: Mapped[bytes | None] = mapped_column(Sealed)
    announced_at: Mapped[datetime] = mapped_column(Instant)
    active_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class EncryptionKeyRow(Base):
    """One key that others encrypt for, kept in the same way."""

    __tablename__ = "encryption_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    public: Mapped[str] = mapped_column(Text)
    private: Mapped[bytes | None] = mapped_column(Sealed)
    announced_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


KEY = table(SigningKeyRow)
ENCRYPTION_KEY = table(EncryptionKeyRow)
_KINDS: dict[str, type[ECKey | RSAKey]] = {"EC": ECKey, "RSA": RSAKey}


@dataclass(frozen=True)
class KeyStore:
    """Reads and writes signing keys."""

    db: Database
    vault: Vault

    def add(self, key: SigningKey, private: PrivateKey) -> None:
        """Keep a new key."""
        sealed = self.vault.seal(KEY.c.private, json.dumps(private.as_dict(private=True)))
        self.db.execute(
            insert(KEY).values(
                kid=key.kid,
                algorithm=key.algorithm,
                public=json.dumps(key.public),
                private=sealed,
                announced_at=key.announced_at,
                active_at=key.active_at,
            )
        )

    def not_removed(self, now: datetime) -> tuple[SigningKey, ...]:
        """Return the keys that the JWKS may still show, the newest first."""
        rows = self.db.all(
            select(KEY)
            .where(or_(KEY.c.removed_at.is_(None), KEY.c.removed_at > now))
            .order_by(KEY.c.active_at.desc(), KEY.c.announced_at.desc(), KEY.c.kid)
        )
        return tuple(self._key(row) for row in rows)

    def every(self) -> tuple[SigningKey, ...]:
        """Return every key there ever was, without private parts, the newest first."""
        rows = self.db.all(select(KEY).order_by(KEY.c.announced_at.desc(), KEY.c.kid))
        return tuple(_key(row, None) for row in rows)

    def end(self, key: SigningKey) -> None:
        """Write when the key retires and leaves the JWKS."""
        self.db.execute(
            update(KEY)
            .where(KEY.c.kid == key.kid)
            .values(retired_at=key.retired_at, removed_at=key.removed_at)
        )

    def drop_private_parts(self, now: datetime) -> int:
        """Destroy what could sign under keys that are retired; return how many."""
        return self.db.execute(
            update(KEY)
            .where(KEY.c.retired_at <= now, KEY.c.private.is_not(None))
            .values(private=null())
        ).rowcount

    def _key(self, row: Row[Any]) -> SigningKey:
        return _key(row, _private(self.vault, KEY, row))


@dataclass(frozen=True)
class EncryptionKeyStore:
    """Reads and writes the keys that others encrypt for."""

    db: Database
    vault: Vault

    def add(self, key: EncryptionKey, private: PrivateKey) -> None:
        """Keep a new key."""
        secret = json.dumps(private.as_dict(private=True))
        self.db.execute(
            insert(ENCRYPTION_KEY).values(
                kid=key.kid,
                algorithm=key.algorithm,
                public=json.dumps(key.public),
                private=self.vault.seal(ENCRYPTION_KEY.c.private, secret),
                announced_at=key.announced_at,
            )
        )

    def not_removed(self, now: datetime) -> tuple[EncryptionKey, ...]:
        """Return the keys that open, the newest first."""
        rows = self.db.all(
            select(ENCRYPTION_KEY)
            .where(or_(ENCRYPTION_KEY.c.removed_at.is_(None), ENCRYPTION_KEY.c.removed_at > now))
            .order_by(ENCRYPTION_KEY.c.announced_at.desc(), ENCRYPTION_KEY.c.kid)
        )
        return tuple(
            _encryption_key(row, _private(self.vault, ENCRYPTION_KEY, row)) for row in rows
        )

    def every(self) -> tuple[EncryptionKey, ...]:
        """Return every key there ever was, without private parts, the newest first."""
        order = (ENCRYPTION_KEY.c.announced_at.desc(), ENCRYPTION_KEY.c.kid)
        rows = self.db.all(select(ENCRYPTION_KEY).order_by(*order))
        return tuple(_encryption_key(row, None) for row in rows)

    def retire(self, now: datetime, removed_at: datetime) -> None:
        """Publish none of the present keys any more; they open until *removed_at*."""
        self.db.execute(
            update(ENCRYPTION_KEY)
            .where(ENCRYPTION_KEY.c.retired_at.is_(None))
            .values(retired_at=now, removed_at=removed_at)
        )

    def remove(self, kid: str, now: datetime) -> None:
        """Let a key open nothing any more, and destroy what could."""
        self.db.execute(
            update(ENCRYPTION_KEY)
            .where(ENCRYPTION_KEY.c.kid == kid)
            .values(retired_at=now, removed_at=now, private=null())
        )

    def drop_private_parts(self, now: datetime) -> int:
        """Destroy what could open, of keys that are removed; return how many."""
        return self.db.execute(
            update(ENCRYPTION_KEY)
            .where(ENCRYPTION_KEY.c.removed_at <= now, ENCRYPTION_KEY.c.private.is_not(None))
            .values(private=null())
        ).rowcount


def _private(vault: Vault, kept_in: Table, row: Row[Any]) -> PrivateKey | None:
    if row.private is None:
        return None
    secret = json.loads(vault.open(kept_in.c.private, row.private))
    return _KINDS[secret["kty"]].import_key(secret)


def _encryption_key(row: Row[Any], private: PrivateKey | None) -> EncryptionKey:
    return EncryptionKey(
        kid=row.kid,
        algorithm=row.algorithm,
        public=json.loads(row.public),
        private=private,
        announced_at=row.announced_at,
        retired_at=row.retired_at,
        removed_at=row.removed_at,
    )


def _key(row: Row[Any], private: PrivateKey | None) -> SigningKey:
    return SigningKey(
        kid=row.kid,
        algorithm=Algorithm(row.algorithm),
        public=json.loads(row.public),
        private=private,
        announced_at=row.announced_at,
        active_at=row.active_at,
        retired_at=row.retired_at,
        removed_at=row.removed_at,
    )
