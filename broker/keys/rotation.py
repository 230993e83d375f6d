"""Makes, announces, uses and retires the signing keys."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from joserfc.jwk import ECKey, KeyParameters, RSAKey

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.errors import ServiceNotReady
from broker.base.snapshot import Snapshot
from broker.base.tasks import Task
from broker.keys.events import KeyRetired, KeyRotated
from broker.keys.model import Algorithm, KeyRing, KeyUnknown, PrivateKey, SigningKey, State
from broker.keys.store import KeyStore

_APART = timedelta(seconds=5)
"""What two processes may differ by: their clocks, and the age of the copy they answer from."""


@dataclass(frozen=True, kw_only=True)
class KeyPolicy:
    """How long others cache the JWKS, how long a signature must stay verifiable, key sizes.

    A key signs only after every process has announced it for ``cache_life`` seconds (RFC 9700
    §2.6 and OpenID Connect Core §10.1.1); it stays published for ``use_life`` seconds after its
    last signature, because an ID Token serves as a logout hint as long as its session lives.
    """

    cache_life: int
    use_life: int
    sign_life: int
    """Seconds that a key signs before its successor is announced by itself."""
    rsa_bits: int
    makes_own: bool
    """Whether missing keys are made at first use (demo and test), or by an operator."""


@dataclass(frozen=True)
class Keys:
    """The signing keys, held in memory."""

    store: KeyStore
    audit: AuditLog
    db: Database
    clock: Clock
    policy: KeyPolicy
    _system: Actor = field(default=Actor(kind="system"), repr=False)

    @cached_property
    def _ring(self) -> Snapshot[KeyRing]:
        return Snapshot("keys", self.db, lambda: KeyRing(self.store.not_removed(self.clock())))

    def signing(self, algorithm: str) -> SigningKey:
        """Return the key to sign with; ServiceNotReady where none was ever made."""
        key = self._ring.current().signing(algorithm, self.clock())
        if key is None or key.private is None:
            self._make_missing()
            key = self._ring.current().signing(algorithm, self.clock())
        if key is None or key.private is None:
            raise ServiceNotReady(f"no {algorithm} signing key: run `broker keys rotate`")
        return key

    def verifying(self, kid: str) -> SigningKey | None:
        """Return the published key of that id, or None."""
        return self._ring.current().by_id(kid, self.clock())

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the JSON Web Key Set (RFC 7517 §5), public parts only."""
        ring, now = self._ring.current(), self.clock()
        if any(ring.signing(algorithm, now) is None for algorithm in Algorithm):
            self._make_missing()
            ring = self._ring.current()
        return {"keys": [key.public for key in ring.published(now)]}

    def every(self) -> tuple[SigningKey, ...]:
        """Return every key ever made, for listings."""
        return self.store.every()

    def rotate(self, actor: Actor) -> tuple[SigningKey, ...]:
        """Announce a new key of each algorithm; the present ones sign until it is known."""
        with self.db.transaction():
            made = tuple(self._announce(algorithm, actor) for algorithm in Algorithm)
            self._ring.changed()
        self._ring.forget()
        return made

    def retire(self, kid: str, actor: Actor) -> None:
        """Withdraw a key at once, out of the JWKS too; a new one signs at once if need be.

        For a key that may be known to others: what it signed is no longer believed.
        """
        now = self.clock()
        with self.db.transaction():
            key = next((key for key in self.store.not_removed(now) if key.kid == kid), None)
            if key is None:
                raise KeyUnknown
            self.store.end(key.superseded(now, timedelta(0)))
            self.audit.record(KeyRetired(before=_name(key), actor=actor))
            left = KeyRing(self.store.not_removed(now))
            if left.signing(key.algorithm, now) is None:
                self._add(key.algorithm, now, now, actor)
            self._ring.changed()
        self._ring.forget()

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: successors in time, no private part kept too long."""
        return (
            Task("signing keys", 60, self._drop_private_parts),
            Task("signing keys rotation", 3_600, self._rotate_due),
        )

    def _rotate_due(self) -> int:
        """Announce a successor of each key that has signed for long enough.

        Keys are never made where there are none: a service without keys waits for its operator.
        """
        if not self._due():
            return 0
        with self.db.transaction():
            self._ring.changed()  # first: of several workers one announces
            made = [self._announce(algorithm, self._system) for algorithm in self._due()]
        self._ring.forget()
        return len(made)

    def _due(self) -> list[Algorithm]:
        now = self.clock()
        newest: dict[Algorithm, SigningKey] = {}
        for key in self.store.not_removed(now):
            if key.state(now) in {State.ANNOUNCED, State.ACTIVE}:
                newest.setdefault(key.algorithm, key)
        enough = timedelta(seconds=self.policy.sign_life)
        return [name for name, key in newest.items() if key.active_at + enough <= now]

    def _drop_private_parts(self) -> int:
        with self.db.transaction():
            return self.store.drop_private_parts(self.clock() - _APART)

    def _announce(self, algorithm: Algorithm, actor: Actor) -> SigningKey:
        now = self.clock()
        present = [key for key in self.store.not_removed(now) if key.algorithm == algorithm]
        living = [key for key in present if key.state(now) in {State.ANNOUNCED, State.ACTIVE}]
        wait = timedelta(seconds=self.policy.cache_life) + _APART if living else timedelta(0)
        made = self._add(algorithm, now, now + wait, actor)
        for key in living:
            if key.retired_at is None:
                use = timedelta(seconds=self.policy.use_life)
                self.store.end(key.superseded(made.active_at, use))
        return made

    def _add(
        self, algorithm: Algorithm, announced_at: datetime, active_at: datetime, actor: Actor
    ) -> SigningKey:
        private = _generate(algorithm, self.policy.rsa_bits)
        made = SigningKey(
            kid=str(private.kid),
            algorithm=algorithm,
            public=private.as_dict(private=False),
            private=private,
            announced_at=announced_at,
            active_at=active_at,
        )
        self.store.add(made, private)
        self.audit.record(KeyRotated(after=_name(made), actor=actor))
        return made

    def _make_missing(self) -> None:
        """Make the first key of each algorithm, in the profiles that make their own secrets."""
        if not self.policy.makes_own:
            return
        with self.db.transaction():
            self._ring.changed()  # first: on PostgreSQL its row serialises two first uses
            now = self.clock()
            ring = KeyRing(self.store.not_removed(now))
            for algorithm in Algorithm:
                if ring.signing(algorithm, now) is None:
                    self._add(algorithm, now, now, self._system)
        self._ring.forget()


def _generate(algorithm: Algorithm, rsa_bits: int) -> PrivateKey:
    """Return a new key whose id is its thumbprint (RFC 7638): unique by construction."""
    uses: KeyParameters = {"alg": str(algorithm), "use": "sig"}
    key: PrivateKey
    if algorithm is Algorithm.ES256:
        key = ECKey.generate_key("P-256", uses)
    else:
        key = RSAKey.generate_key(rsa_bits, uses)
    key.ensure_kid()
    return key


def _name(key: SigningKey) -> str:
    return f"{key.algorithm} {key.kid}"
