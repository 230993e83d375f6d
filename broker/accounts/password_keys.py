"""The keys that stand before passwords, none of them in the database (decision 0044)."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from broker.base.crypto import DataKeys, Secret, derive_key
from broker.base.settings import DERIVED_KEY


class KeyState(StrEnum):
    """What a key is to the passwords that stand under it."""

    ACTIVE = "active"
    READABLE = "readable"
    MISSING = "missing"


@dataclass(frozen=True)
class PasswordKeys:
    """The first key of the settings is for new hashes; all others still read theirs."""

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, given: DataKeys, secret_key: Secret) -> Self:
        """Take those of the settings; the one that the secret key gives is always readable."""
        derived = derive_key(secret_key, "passwords")
        keys = {key_id: key or derived for key_id, key in given}
        return cls(given[0][0], {DERIVED_KEY: derived, **keys})

    def before_hash(self, password: Secret) -> str:
        """Return what is hashed in place of the password from now on."""
        return _keyed(self.keys[self.active], password)

    def before_check(self, key_id: str, password: Secret) -> str | None:
        """Return what was hashed under that key; None where it is gone."""
        if not key_id:
            return password.reveal()  # a hash from before there were keys
        return _keyed(self.keys[key_id], password) if key_id in self.keys else None

    def state(self, key_id: str) -> KeyState:
        """Tell what that key, or none, is here."""
        if key_id == self.active:
            return KeyState.ACTIVE
        return KeyState.READABLE if not key_id or key_id in self.keys else KeyState.MISSING


def _keyed(key: bytes, password: Secret) -> str:
    digest = hmac.digest(key, password.reveal().encode(), "sha256")
    return base64.b64encode(digest).decode()
