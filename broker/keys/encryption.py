"""Our keys that others encrypt for: made, published, used to open, retired."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from joserfc.jwk import ECKey, KeyParameters, RSAKey

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.jwe import KINDS
from broker.base.snapshot import Snapshot
from broker.base.tasks import Task
from broker.keys.events import KeyRetired, KeyRotated
from broker.keys.model import EncryptionKey, KeyUnknown, PrivateKey, State
from broker.keys.rotation import KeyPolicy
from broker.keys.store import EncryptionKeyStore

# How long a retired key still opens: others may be slow to notice that it is published no more.
OPENS_FOR = timedelta(days=1)


@dataclass(frozen=True)
class EncryptionKeys:
    """The keys of one algorithm, held in memory; none where no *algorithm* was agreed."""

    store: EncryptionKeyStore
    audit: AuditLog
    db: Database
    clock: Clock
    policy: KeyPolicy
    algorithm: str | None
    _system: Actor = field(default=Actor(kind="system"), repr=False)

    @cached_property
    def _held(self) -> Snapshot[tuple[EncryptionKey, ...]]:
        return Snapshot("encryption keys", self.db, lambda: self.store.not_removed(self.clock()))

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the JSON Web Key Set to encrypt for: the newest key, its public part alone."""
        if not self._published():
            self._make_missing()
        return {"keys": [key.public for key in self._published()[:1]]}

    def opening(self, kid: str | None) -> PrivateKey | None:
        """Return the private key of that id, or the only one where none is named."""
        found = self._named(kid)
        if found is None and kid is not None:
            self._held.forget()  # another process may have made it just now
            found = self._named(kid)
        return found

    def every(self) -> tuple[EncryptionKey, ...]:
        """Return every key ever made, for listings."""
        return self.store.every()

    def rotate(self, actor: Actor) -> tuple[EncryptionKey, ...]:
        """Publish a new key at once; the present ones still open for a day."""
        if self.algorithm is None:
            return ()
        now = self.clock()
        with self.db.transaction():
            self.store.retire(now, now + OPENS_FOR)
            made = self._add(self.algorithm, actor)
            self._held.changed()
        self._held.forget()
        return (made,)

    def retire(self, kid: str, actor: Actor) -> None:
        """Destroy a key at once, for one that may be known to others; another is published.

        Raises KeyUnknown. What is on its way and was encrypted for it cannot be opened any more.
        """
        now = self.clock()
        with self.db.transaction():
            key = next((key for key in self.store.not_removed(now) if key.kid == kid), None)
            if key is None:
                raise KeyUnknown
            self.store.remove(kid, now)
            self.audit.record(KeyRetired(before=_name(key), actor=actor))
            left = self.store.not_removed(now)
            if self.algorithm and not any(self._is_published(key) for key in left):
                self._add(self.algorithm, actor)
            self._held.changed()
        self._held.forget()

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: a successor in time, no private part kept too long."""
        return (
            Task("encryption keys", 60, self._drop_private_parts),
            Task("encryption keys rotation", 3_600, self._rotate_due),
        )

    def _rotate_due(self) -> int:
        """Publish a successor of a key that was published for long enough."""
        if not self._is_due():
            return 0
        with self.db.transaction():
            self._held.changed()  # first: of several workers one publishes
            return len(self.rotate(self._system)) if self._is_due() else 0

    def _is_due(self) -> bool:
        now = self.clock()
        ages = [
            now - key.announced_at
            for key in self.store.not_removed(now)
            if self._is_published(key)
        ]
        return bool(ages) and min(ages) >= timedelta(seconds=self.policy.sign_life)

    def _drop_private_parts(self) -> int:
        with self.db.transaction():
            return self.store.drop_private_parts(self.clock())

    def _named(self, kid: str | None) -> PrivateKey | None:
        now = self.clock()
        opening = [
            key.private
            for key in self._held.current()
            if key.algorithm == self.algorithm
            and key.state(now) is not State.REMOVED
            and kid in {None, key.kid}
        ]
        return opening[0] if len(opening) == 1 else None

    def _published(self) -> list[EncryptionKey]:
        return [key for key in self._held.current() if self._is_published(key)]

    def _is_published(self, key: EncryptionKey) -> bool:
        return key.algorithm == self.algorithm and key.state(self.clock()) is State.ACTIVE

    def _add(self, algorithm: str, actor: Actor) -> EncryptionKey:
        private = _generate(algorithm, self.policy.rsa_bits)
        made = EncryptionKey(
            kid=str(private.kid),
            algorithm=algorithm,
            public=private.as_dict(private=False),
            private=private,
            announced_at=self.clock(),
        )
        self.store.add(made, private)
        self.audit.record(KeyRotated(after=_name(made), actor=actor))
        return made

    def _make_missing(self) -> None:
        """Make the first key, in the profiles that make their own secrets."""
        if not self.policy.makes_own or self.algorithm is None:
            return
        with self.db.transaction():
            self._held.changed()  # first: on PostgreSQL its row serialises two first uses
            present = self.store.not_removed(self.clock())
            if not any(self._is_published(key) for key in present):
                self._add(self.algorithm, self._system)
        self._held.forget()


def _generate(algorithm: str, rsa_bits: int) -> PrivateKey:
    """Return a new key whose id is its thumbprint (RFC 7638)."""
    uses: KeyParameters = {"alg": algorithm, "use": "enc"}
    key: PrivateKey
    if KINDS[algorithm] == "EC":
        key = ECKey.generate_key("P-256", uses)
    else:
        key = RSAKey.generate_key(rsa_bits, uses)
    key.ensure_kid()
    return key


def _name(key: EncryptionKey) -> str:
    return f"{key.algorithm} {key.kid}"
