"""Secrets of the demo and test profiles, made once and kept in their database."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.crypto import DataKeys, Secret
from broker.base.db import Base, Database, table
from broker.base.errors import ServiceNotReady
from broker.base.settings import Settings, parse_data_keys


class OwnSecret(Base):
    """A secret that the demo or test profile made for itself; production has no such row."""

    __tablename__ = "own_secret"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(4_000))


OWN_SECRET = table(OwnSecret)


@dataclass(frozen=True)
class Secrets:
    """The resolved secrets; data keys are read again when another process rotated them."""

    secret_key: Secret
    data_keys: Callable[[], DataKeys]


def resolve_secrets(settings: Settings, db: Database) -> Secrets:
    """Take the secrets of the settings; the demo and test profiles make what is missing."""
    secret_key = settings.secret_key
    if not settings.makes_own_secrets and (secret_key is None or not settings.data_keys):
        raise ServiceNotReady("BROKER_SECRET_KEY and BROKER_DATA_KEYS are required in production")
    if secret_key is None:
        secret_key = Secret(_kept(db, "secret_key", secrets.token_urlsafe(48)))
    if settings.data_keys:
        return Secrets(secret_key, lambda: settings.data_keys)
    _kept(db, "data_keys", _new_data_key("k1"))
    return Secrets(secret_key, lambda: parse_data_keys(_kept(db, "data_keys", "")))


def add_own_data_key(db: Database) -> str:
    """Put a new data key in front of those the demo or test profile keeps; return its id."""
    with db.transaction():
        kept = db.scalar(
            select(OWN_SECRET.c.value).where(OWN_SECRET.c.name == "data_keys").with_for_update()
        )
        key_id = f"k{len(kept.split(',')) + 1}"
        db.execute(
            update(OWN_SECRET)
            .where(OWN_SECRET.c.name == "data_keys")
            .values(value=f"{_new_data_key(key_id)},{kept}")
        )
    return key_id


def _new_data_key(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _kept(db: Database, name: str, made: str) -> str:
    """Return the kept secret; the first process to ask stores what it *made*."""
    stored = db.scalar(select(OWN_SECRET.c.value).where(OWN_SECRET.c.name == name))
    if stored is None:
        with db.transaction():
            db.insert_unless_present(OWN_SECRET, {"name": name, "value": made})
            stored = db.scalar(select(OWN_SECRET.c.value).where(OWN_SECRET.c.name == name))
    return str(stored)
