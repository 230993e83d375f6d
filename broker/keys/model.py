"""Keys and the times of their lives: those that sign, and those that others encrypt for."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from broker.base.errors import Refusal

PrivateKey = ECKey | RSAKey


class Algorithm(StrEnum):
    """What ID Tokens and signed userinfo are signed with; a key serves one of them only."""

    ES256 = "ES256"
    PS256 = "PS256"
    RS256 = "RS256"


class State(StrEnum):
    """Where a key is in its life."""

    ANNOUNCED = "announced"
    ACTIVE = "active"
    RETIRED = "retired"
    REMOVED = "removed"


class KeyUnknown(Refusal):
    """No key in use has that id."""

    code = "key-unknown"
    status = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """One key; ``active_at`` is when every cache of the JWKS has surely seen it."""

    kid: str
    algorithm: Algorithm
    public: dict[str, Any]
    private: PrivateKey | None = field(repr=False)
    """None once retired: nothing can be signed with it any more."""
    announced_at: datetime
    active_at: datetime
    retired_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def use(self) -> str:
        """What it is for, as a JSON Web Key says it (RFC 7517 §4.2)."""
        return "sig"

    @cached_property
    def verifier(self) -> PrivateKey:
        """The public part, ready to verify with."""
        kind: type[ECKey | RSAKey] = ECKey if self.public["kty"] == "EC" else RSAKey
        return kind.import_key(self.public)

    def state(self, now: datetime) -> State:
        """Return the state at that moment; a key retires when its successor becomes active."""
        if self.removed_at is not None and self.removed_at <= now:
            return State.REMOVED
        if self.retired_at is not None and self.retired_at <= now:
            return State.RETIRED
        return State.ACTIVE if self.active_at <= now else State.ANNOUNCED

    def superseded(self, at: datetime, still_published_for: timedelta) -> "SigningKey":
        """Return the key with its end: it signs until *at*, and verifies for a while after."""
        return replace(self, retired_at=at, removed_at=at + still_published_for)


@dataclass(frozen=True)
class KeyRing:
    """Every key that is not removed, the newest first."""

    keys: tuple[SigningKey, ...]

    def published(self, now: datetime) -> tuple[SigningKey, ...]:
        """Return the keys of the JWKS: announced, active, and retired but still in use."""
        return tuple(key for key in self.keys if key.state(now) is not State.REMOVED)

    def signing(self, algorithm: str, now: datetime) -> SigningKey | None:
        """Return the newest active key of that algorithm."""
        return next(
            (
                key
                for key in self.keys
                if key.algorithm == algorithm and key.state(now) is State.ACTIVE
            ),
            None,
        )

    def by_id(self, kid: str, now: datetime) -> SigningKey | None:
        """Return the published key of that id."""
        return next((key for key in self.published(now) if key.kid == kid), None)


@dataclass(frozen=True, kw_only=True)
class EncryptionKey:
    """A key that others encrypt for: published until it retires, then it only still opens."""

    kid: str
    algorithm: str
    public: dict[str, Any]
    private: PrivateKey | None = field(repr=False)
    """None once removed: what was encrypted for it stays closed."""
    announced_at: datetime
    retired_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def active_at(self) -> datetime:
        """A key serves as soon as it is published: whoever does not know it uses the other."""
        return self.announced_at

    @property
    def use(self) -> str:
        """What it is for, as a JSON Web Key says it (RFC 7517 §4.2)."""
        return "enc"

    def state(self, now: datetime) -> State:
        """Return the state at that moment."""
        if self.removed_at is not None and self.removed_at <= now:
            return State.REMOVED
        retired = self.retired_at is not None and self.retired_at <= now
        return State.RETIRED if retired else State.ACTIVE
