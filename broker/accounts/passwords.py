"""Passwords: hashed with Argon2id, checked in the same time whether an account exists or not."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Self

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from broker.accounts.model import Account
from broker.accounts.password_keys import PasswordKeys
from broker.accounts.password_policy import PasswordPolicy
from broker.accounts.store import AccountStore
from broker.base.crypto import Secret, new_token
from broker.base.db import Database

log = structlog.get_logger()


@dataclass(frozen=True)
class Passwords:
    """Hashes and verifies; slow on purpose, so never within a transaction.

    Each hash takes memory and a core for some 20 ms: at most one per core runs at a time, the
    others wait their turn. What is hashed is the HMAC of the password under a key that is not in
    the database; the key's id stands before the hash: ``2026a$argon2id$…``.
    """

    policy: PasswordPolicy
    store: AccountStore
    db: Database
    keys: PasswordKeys
    hasher: PasswordHasher
    dummy: Secret
    """Hash of an unknown password, verified where there is no account."""
    turns: BoundedSemaphore = field(
        default_factory=lambda: BoundedSemaphore(os.cpu_count() or 1), repr=False
    )

    @classmethod
    def of(
        cls,
        policy: PasswordPolicy,
        store: AccountStore,
        db: Database,
        keys: PasswordKeys,
        *,
        time_cost: int,
        memory_cost: int,
    ) -> Self:
        """Build from the settings' costs; *memory_cost* is in KiB (ASVS 11.4.2)."""
        hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=1)
        dummy = Secret(f"{keys.active}{hasher.hash(new_token().reveal())}")
        return cls(policy=policy, store=store, db=db, keys=keys, hasher=hasher, dummy=dummy)

    def hash(self, password: Secret) -> Secret:
        """Return the hash to store; nothing is ever cut off."""
        keyed = self.keys.before_hash(password)
        with self.turns:
            return Secret(f"{self.keys.active}{self.hasher.hash(keyed)}")

    def verify(self, account: Account | None, password: Secret) -> bool:
        """Tell whether that is the account's password; rehash it where key or costs have changed.

        Takes the same time without an account, or without a password.
        """
        stored = self.store.password_hash(account.id) if account else None
        matches = self.matches(stored, password)
        if account is None or stored is None or not matches:
            return False
        if self.is_outdated(stored):
            self._rehash(account, password, stored)
        return True

    def matches(self, stored: Secret | None, password: Secret) -> bool:
        """Tell whether that is the password of a stored hash; never without one, but as slowly."""
        key_id, hashed = _parted(stored or self.dummy)
        keyed = self.keys.before_check(key_id, password)
        if keyed is None:
            log.error("password key missing", key=key_id)
            return self.matches(None, password)
        try:
            with self.turns:
                self.hasher.verify(hashed, keyed)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def is_outdated(self, stored: Secret) -> bool:
        """Tell whether a hash was made under another key or at other costs than today's."""
        key_id, hashed = _parted(stored)
        return key_id != self.keys.active or self.hasher.check_needs_rehash(hashed)

    def count_by_key(self, hashes: Iterable[Secret]) -> Counter[str]:
        """Return how many of the hashes stand under each key; under "" those from before keys."""
        return Counter(_parted(stored)[0] for stored in hashes)

    def _rehash(self, account: Account, password: Secret, stored: Secret) -> None:
        stronger = self.hash(password)
        with self.db.transaction():
            # A reset may have been faster: the old password must not come back.
            if self.store.locked(account.id) and self.store.password_hash(account.id) == stored:
                self.store.set_password(account.id, stronger)


def _parted(stored: Secret) -> tuple[str, str]:
    """Return the id of the key, and the hash."""
    key_id, mark, rest = stored.reveal().partition("$")
    return key_id, mark + rest
