"""Passwords: hashed with Argon2id, checked in the same time whether an account exists or not."""

import os
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from broker.accounts.model import Account
from broker.accounts.password_policy import PasswordPolicy
from broker.accounts.store import AccountStore
from broker.base.crypto import Secret, new_token
from broker.base.db import Database


@dataclass(frozen=True)
class Passwords:
    """Hashes and verifies; slow on purpose, so never within a transaction.

    Each hash takes memory and a core for some 20 ms: at most one per core runs at a time, the
    others wait their turn.
    """

    policy: PasswordPolicy
    store: AccountStore
    db: Database
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
        *,
        time_cost: int,
        memory_cost: int,
    ) -> Self:
        """Build from the settings' costs; *memory_cost* is in KiB (ASVS 11.4.2)."""
        hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=1)
        dummy = Secret(hasher.hash(new_token().reveal()))
        return cls(policy=policy, store=store, db=db, hasher=hasher, dummy=dummy)

    def hash(self, password: Secret) -> Secret:
        """Return the hash to store; nothing is ever cut off."""
        with self.turns:
            return Secret(self.hasher.hash(password.reveal()))

    def verify(self, account: Account | None, password: Secret) -> bool:
        """Tell whether that is the account's password; rehash it where the costs have changed.

        Takes the same time without an account, or without a password.
        """
        stored = self.store.password_hash(account.id) if account else None
        matches = self.matches(stored, password)
        if account is None or stored is None or not matches:
            return False
        if self.hasher.check_needs_rehash(stored.reveal()):
            self._rehash(account, password, stored)
        return True

    def matches(self, stored: Secret | None, password: Secret) -> bool:
        """Tell whether that is the password of a stored hash; never without one, but as slowly."""
        try:
            with self.turns:
                self.hasher.verify((stored or self.dummy).reveal(), password.reveal())
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def _rehash(self, account: Account, password: Secret, stored: Secret) -> None:
        stronger = self.hash(password)
        with self.db.transaction():
            # A reset may have been faster: the old password must not come back.
            if self.store.locked(account.id) and self.store.password_hash(account.id) == stored:
                self.store.set_password(account.id, stronger)
