"""Pushes security events to partners (RFC 8935): in order, again and again, for days."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.capped_http import CallFailed
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.metrics import Metrics
from broker.base.outgoing import Answer, Outgoing
from broker.base.tasks import Task
from broker.clients.delivery_secrets import DeliverySecrets
from broker.clients.directory import Clients
from broker.clients.model import Client, UnknownClient
from broker.signals.event_token import MEDIA_TYPE, EventTokens
from broker.signals.events import SetFailed, SetPostponed, SetSent, SignalFacts
from broker.signals.model import Signal, Status
from broker.signals.store import SignalStore
from broker.signals.stream_store import StreamStore

_SYSTEM = Actor(kind="system")
_STREAMS = 20  # of one round
_ROUNDS = 20  # events of one partner in one turn
_AT_ONCE = 4  # partners called at the same time
_LEASE = timedelta(minutes=3)  # more than one round takes, all partners being slow
# RFC 8935 §2.4: the token itself is refused. Of the other codes, the receiver may think better
# once it has our new key, or the right header.
_FINAL = frozenset({"invalid_request", "invalid_issuer", "invalid_audience"})
_KNOWN = _FINAL | {"invalid_key", "authentication_failed", "access_denied"}


class _Ended(Exception):
    """The event is never told; the message is why."""


class _Later(Exception):
    """The event is told later; the message is why."""


@dataclass(frozen=True)
class Delivery:
    """Background work; any number of workers may do it."""

    clients: Clients
    store: SignalStore
    streams: StreamStore
    tokens: EventTokens
    secrets: DeliverySecrets
    outgoing: Outgoing
    audit: AuditLog
    metrics: Metrics
    db: Database
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: the calls."""
        return (Task("signals", 0.5, self.deliver, apart=True),)

    def deliver(self) -> int:
        """Make the calls that are due; return how many events were tried.

        One event per partner and round: the next one leaves when the one before has arrived.
        """
        tried = 0
        for _ in range(_ROUNDS):
            due = self.store.claim(self.clock(), lease=_LEASE, most=_STREAMS)
            if not due:
                break
            tried += self._deliver_round(due)
        return tried

    def _deliver_round(self, signals: Sequence[Signal]) -> int:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="signal") as pool:
            list(pool.map(self._deliver, signals))
        return len(signals)

    def _deliver(self, signal: Signal) -> None:
        try:
            self._send(signal)
        except _Ended as ended:
            self._give_up(signal, str(ended))
        except _Later as later:
            self._postpone(signal, str(later))
        else:
            self._sent(signal)

    def _send(self, signal: Signal) -> None:
        client, address = self._receiver(signal)
        headers = {"Content-Type": MEDIA_TYPE, "Accept": "application/json"}
        if secret := self.secrets.of(client.client_id):
            headers["Authorization"] = secret.reveal()
        token = self.tokens.issue(client, signal).encode()
        try:
            answer = self.outgoing.post_bytes(address, token, headers)
        except CallFailed as failure:
            raise _Later(failure.reason) from None
        _judge(answer)

    def _receiver(self, signal: Signal) -> tuple[Client, str]:
        """Return whom to call, and where; what changed since is respected."""
        try:
            client = self.clients.get(signal.client_id)
        except UnknownClient:
            raise _Ended("client") from None
        if client.shared_signals is None:
            raise _Ended("no_stream")
        if self.streams.of(client.client_id).status is Status.DISABLED:
            raise _Ended("disabled")
        if signal.expires_at <= self.clock():
            raise _Ended("expired")
        return client, client.shared_signals.endpoint_url

    def _sent(self, signal: Signal) -> None:
        with self.db.transaction():
            if self.store.end(signal):
                self.audit.record(SetSent(**_facts(signal, None)))
                self.metrics.signal("sent")

    def _postpone(self, signal: Signal, reason: str) -> None:
        with self.db.transaction():
            if self.store.postpone(signal, signal.next_try(self.clock())):
                self.audit.record(SetPostponed(**_facts(signal, reason)))
                self.metrics.signal("postponed")

    def _give_up(self, signal: Signal, reason: str) -> None:
        with self.db.transaction():
            if self.store.end(signal):
                self.audit.record(SetFailed(**_facts(signal, reason)))
                self.metrics.signal("failed")


def _judge(answer: Answer) -> None:
    """Return where the receiver took the token: 202 (RFC 8935 §2.2), or another of its kind."""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if answer.status != HTTPStatus.BAD_REQUEST:
        raise _Later(str(answer.status))
    said = _error(answer.body)
    if said in _FINAL:
        raise _Ended(said)
    raise _Later(said)


def _error(body: bytes) -> str:
    """Return the error code of a refusal (§2.3), those that are known alone."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    said = document.get("err") if isinstance(document, dict) else None
    return said if isinstance(said, str) and said in _KNOWN else "400"


def _facts(signal: Signal, reason: str | None) -> dict[str, Any]:
    return {
        "client_id": signal.client_id,
        "subject": signal.account_id,
        "session_ref": signal.sid,
        "txn": signal.txn,
        "reason_code": reason,
        "signal": SignalFacts(kind=signal.kind, jti=signal.id),
        "actor": _SYSTEM,
    }
