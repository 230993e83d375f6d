"""The stream of a client, as the client itself reads and steers it (SSF 1.0 §8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor, Outcome
from broker.base.clock import Clock
from broker.base.counters import Counters
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.clients.shared_signals import EventKind
from broker.oidc.errors import InvalidRequest
from broker.signals.events import StreamFacts, StreamUpdated, StreamVerified
from broker.signals.metadata import PUSH
from broker.signals.model import (
    LONGEST_TEXT,
    Status,
    StreamState,
    StreamUnknown,
    Waiting,
    stream_id,
)
from broker.signals.signals import Signals
from broker.signals.store import SignalStore
from broker.signals.stream_store import StreamStore


@dataclass(frozen=True)
class Streams:
    """Where events go and which is the file's matter; whether they go now is the partner's."""

    clients: Clients
    signals: Signals
    store: SignalStore
    states: StreamStore
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock
    issuer: str

    def configuration(self, client: Client) -> dict[str, Any]:
        """Return the stream as it is configured (§8.1.1); its secret header is never told."""
        signals = client.shared_signals
        if signals is None:
            raise StreamUnknown
        delivered = [kind.uri for kind in signals.events]
        return {
            "stream_id": stream_id(client.client_id),
            "iss": self.issuer,
            "aud": client.client_id,
            "delivery": {"method": PUSH, "endpoint_url": signals.endpoint_url},
            "events_supported": [kind.uri for kind in EventKind],
            "events_requested": delivered,
            "events_delivered": delivered,
        }

    def status(self, client: Client) -> dict[str, str]:
        """Return what the stream does now (§8.1.2.1)."""
        state = self.states.of(client.client_id)
        told = {"stream_id": stream_id(client.client_id), "status": str(state.status)}
        return told if state.reason is None else told | {"reason": state.reason}

    def update(self, client: Client, wanted: Mapping[str, str]) -> dict[str, str]:
        """Set the status (§8.1.2.2); to disable the stream drops what waits. InvalidRequest."""
        self.require(client, wanted.get("stream_id"))
        state, client_id = _state(wanted), client.client_id
        with self.db.transaction():
            self.states.change(client_id, state, self.clock())
            dropped = self.store.drop(client_id) if state.status is Status.DISABLED else 0
            self.audit.record(
                StreamUpdated(
                    client_id=client_id,
                    actor=Actor(kind="client", ref=client_id),
                    stream=StreamFacts(status=str(state.status), dropped=dropped),
                )
            )
        return self.status(client)

    def verify(self, client: Client, wanted: Mapping[str, str]) -> None:
        """Send a verification event with the client's ``state`` (§8.1.4.2); Throttled."""
        self.require(client, wanted.get("stream_id"))
        state, client_id = wanted.get("state"), client.client_id
        if state is not None and len(state) > LONGEST_TEXT:
            raise InvalidRequest(f"state has {LONGEST_TEXT} characters at most")
        if self.states.of(client_id).status is Status.DISABLED:
            raise InvalidRequest("the stream is disabled")
        self._count(client_id)
        with self.db.transaction():
            self.signals.verify(client, state)
            self.audit.record(_verified(client_id))

    def require(self, client: Client, named: str | None) -> None:
        """Raise unless that is the id of the client's stream."""
        if named is None:
            raise InvalidRequest("stream_id is required")
        if named != stream_id(client.client_id):
            raise StreamUnknown

    def listing(self) -> dict[str, str]:
        """Return what operators see of each stream of a registered client, by client_id."""
        states, waiting = self.states.every(), {each.client_id: each for each in self.waiting()}
        return {
            client.client_id: _shown(
                states.get(client.client_id, StreamState()), waiting.get(client.client_id)
            )
            for client in self.clients.every()
            if client.shared_signals is not None
        }

    def waiting(self) -> list[Waiting]:
        """Return what waits, by partner."""
        return self.store.waiting()

    def _count(self, client_id: str) -> None:
        try:
            with self.db.transaction():
                self.counters.take(
                    "signal.verification",
                    client_id,
                    count=self.limits.signal_verification_count,
                    window=self.limits.signal_verification_window,
                )
        except Throttled:
            limited = {"outcome": Outcome.FAILURE, "reason_code": "limited"}
            self.audit.record(_verified(client_id, **limited))
            raise


def _verified(client_id: str, **how: Any) -> StreamVerified:  # noqa: ANN401 - members of an event
    return StreamVerified(client_id=client_id, actor=Actor(kind="client", ref=client_id), **how)


def _state(wanted: Mapping[str, str]) -> StreamState:
    reason = wanted.get("reason")
    if reason is not None and len(reason) > LONGEST_TEXT:
        raise InvalidRequest(f"reason has {LONGEST_TEXT} characters at most")
    try:
        return StreamState(Status(wanted.get("status", "")), reason)
    except ValueError:
        raise InvalidRequest(f"status must be one of: {' '.join(Status)}") from None


def _shown(state: StreamState, waiting: Waiting | None) -> str:
    if waiting is None:
        return str(state.status)
    since = waiting.oldest.isoformat(timespec="seconds")
    return f"{state.status}, {waiting.count} waiting since {since}"
