"""The partners, held in memory: who asks, and is the secret right."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hmac import compare_digest

from broker.base.clock import Clock
from broker.base.crypto import KeyedHash, Secret
from broker.base.db import Database
from broker.base.snapshot import Snapshot
from broker.clients.model import Client, DisabledClient, SecretWrong, StoredSecret, UnknownClient
from broker.clients.registration import Registration
from broker.clients.store import ClientStore


@dataclass(frozen=True)
class _Known:
    client: Client
    enabled: bool
    served_since: datetime | None
    secrets: tuple[StoredSecret, ...]


@dataclass(frozen=True)
class Clients:
    """The registered partners; a change anywhere is known here within a second."""

    store: ClientStore
    db: Database
    clock: Clock
    secret_hash: KeyedHash

    @cached_property
    def snapshot(self) -> Snapshot[dict[str, _Known]]:
        """What is held in memory; whoever changes the partners says so to it."""
        return Snapshot("clients", self.db, self._load)

    def get(self, client_id: str) -> Client:
        """Return the partner; raise UnknownClient, or DisabledClient where it is switched off."""
        return self._known(client_id).client

    def every(self) -> tuple[Client, ...]:
        """Return every partner, switched off or not, in the order of their client_id."""
        known = self.snapshot.current()
        return tuple(known[client_id].client for client_id in sorted(known))

    def with_streams(self) -> tuple[Client, ...]:
        """Return the partners that are served and sent security events, by client_id."""
        known = self.snapshot.current()
        return tuple(
            known[client_id].client
            for client_id in sorted(known)
            if known[client_id].enabled and known[client_id].client.shared_signals is not None
        )

    def registered(self, client_id: str) -> Client | None:
        """Return the partner, switched off or not, for whoever only needs to name it."""
        known = self.snapshot.current().get(client_id)
        return known.client if known else None

    def still(self, client_id: str, granted_at: datetime) -> Client:
        """Return the partner that something was granted to; DisabledClient if it ended since.

        What a partner held when it was switched off stays void when it is served again.
        """
        known = self._known(client_id)
        if known.served_since is not None and granted_at <= known.served_since:
            raise DisabledClient(known.client)
        return known.client

    def serving(self, resource: str) -> Client | None:
        """Return the partner whose resource that is, or None."""
        return next(
            (
                known.client
                for known in self.snapshot.current().values()
                if known.enabled and known.client.resource == resource
            ),
            None,
        )

    def has_page_at(self, origin: str) -> bool:
        """Tell whether a partner that is served lets scripts of that origin hold its tokens."""
        return any(
            known.enabled and origin in known.client.page_origins
            for known in self.snapshot.current().values()
        )

    def require_secret(self, client: Client, secret: Secret) -> None:
        """Raise SecretWrong unless *secret* is an active secret of the partner."""
        known, now = self._known(client.client_id), self.clock()
        digest = self.secret_digest(client.client_id, secret)
        active = [s for s in known.secrets if s.expires_at is None or s.expires_at > now]
        if not any(compare_digest(digest, stored.digest) for stored in active):
            raise SecretWrong

    def secret_digest(self, client_id: str, secret: Secret) -> bytes:
        """Return the keyed hash under which a partner's secret is kept."""
        return self.secret_hash.digest(f"client_secret.{client_id}", secret.reveal())

    def _known(self, client_id: str) -> _Known:
        known = self.snapshot.current().get(client_id)
        if known is None:
            raise UnknownClient
        if not known.enabled:
            raise DisabledClient(known.client)
        return known

    def _load(self) -> dict[str, _Known]:
        return {
            kept.client_id: _Known(
                Registration.model_validate(kept.document).client(),
                kept.enabled,
                kept.served_since,
                kept.secrets,
            )
            for kept in self.store.every(self.clock())
        }
