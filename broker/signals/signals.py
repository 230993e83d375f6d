"""Queues security events for the partners that an act concerns, in the act's own transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from broker.accounts.model import Change
from broker.audit.event_ids import EventIds
from broker.base.clock import Clock, epoch
from broker.base.crypto import KeyedHash, Secret
from broker.base.db import Database
from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.clients.shared_signals import EventKind
from broker.oidc.grants.participants import Participants, Participation
from broker.sessions.model import Session
from broker.signals.causes import TOLD, Cause, Told, all_over, one_over
from broker.signals.model import VERIFICATION, Signal, Status
from broker.signals.store import SignalStore
from broker.signals.stream_store import StreamStore

_EMAIL = "email"


@dataclass(frozen=True)
class Signals:
    """Called before what an act ends is ended: only who holds something of a person is told.

    A partner that is switched off, or whose stream is disabled, is told nothing.
    """

    clients: Clients
    participants: Participants
    store: SignalStore
    streams: StreamStore
    marks: KeyedHash
    db: Database
    clock: Clock
    life: int
    """Seconds for which delivery is tried."""
    ids: EventIds = field(default_factory=EventIds)

    def account_changed(
        self, account_id: str, change: Change, *, former: Secret | None = None
    ) -> None:
        """Tell of a change of an account; *former*: the e-mail address that it had."""
        with self.db.transaction() as transaction:
            cause = Cause.of(transaction)
            concerned = self._concerned(cause, account_id, change)
            told = self._tell(cause, TOLD[change], concerned, account_id, address=former)
            if change is Change.SUSPENDED:
                self.store.note_suspension(account_id, {signal.client_id for signal in told})

    def sessions_over(self, account_id: str, reason: str) -> None:
        """Tell that every session of a person is revoked."""
        with self.db.transaction() as transaction:
            cause = Cause.of(transaction)
            concerned = self._concerned(cause, account_id)
            for signal in self._tell(cause, all_over(reason), concerned, account_id):
                cause.all_over.add((account_id, signal.client_id))

    def session_over(self, session: Session, reason: str) -> None:
        """Tell that one session is revoked, unless this act revoked all of the person's."""
        told = one_over(reason)
        if not told:
            return
        with self.db.transaction() as transaction:
            cause, account_id = Cause.of(transaction), session.account_id
            concerned = {
                client_id: scopes
                for client_id, scopes in self.participants.of_session(session).items()
                if (account_id, client_id) not in cause.all_over
            }
            self._tell(cause, told, concerned, account_id, sid=session.sid)

    def everybody_over(self, reason: str) -> None:
        """Tell of the end of everybody's sessions."""
        with self.db.transaction() as transaction:
            cause, told = Cause.of(transaction), all_over(reason)
            for client in filter(self._is_open, self.clients.with_streams()):
                self.store.add(
                    self._signal(cause, client, kind, details, account_id=account_id)
                    for account_id in self.participants.people_of(client.client_id)
                    for kind, details in told
                    if _wants(client, kind, frozenset())
                )

    def verify(self, client: Client, state: str | None) -> None:
        """Queue the event by which a partner tries its stream (SSF 1.0 §8.1.4)."""
        details = {} if state is None else {"state": state}
        with self.db.transaction() as transaction:
            self.streams.open(client.client_id, self.clock())
            self.store.add([self._signal(Cause.of(transaction), client, VERIFICATION, details)])

    def forget(self, account_id: str) -> None:
        """Forget who was told that an account is suspended; it is removed."""
        self.store.end_suspension(account_id)

    def _concerned(
        self, cause: Cause, account_id: str, change: Change | None = None
    ) -> Participation:
        """Return who held something of the account when the act began; the rest of it ends that.

        A suspended account has no grants: who was told of the suspension is told of its end.
        """
        if change is Change.REOPENED:
            return dict.fromkeys(self.store.end_suspension(account_id), frozenset())
        if account_id not in cause.concerned:
            cause.concerned[account_id] = self.participants.of_account(account_id)
        return cause.concerned[account_id]

    def _tell(
        self,
        cause: Cause,
        told: Iterable[Told],
        concerned: Participation,
        account_id: str,
        **about: Any,  # noqa: ANN401 - fields of a signal
    ) -> list[Signal]:
        listening = [
            client
            for client in self.clients.with_streams()
            if client.client_id in concerned and self._is_open(client)
        ]
        signals = [
            self._signal(cause, client, kind, details, account_id=account_id, **about)
            for kind, details in told
            for client in listening
            if _wants(client, kind, concerned[client.client_id])
        ]
        self.store.add(signals)
        return signals

    def _is_open(self, client: Client) -> bool:
        if self.streams.of(client.client_id).status is Status.DISABLED:
            return False
        self.streams.open(client.client_id, self.clock())
        return True

    def _signal(
        self,
        cause: Cause,
        client: Client,
        kind: str,
        details: Mapping[str, Any],
        *,
        address: Secret | None = None,
        **about: Any,  # noqa: ANN401 - fields of a signal
    ) -> Signal:
        now = self.clock()
        timed = {"event_timestamp": epoch(now)} if _is_timed(kind) else {}
        return Signal(
            id=self.ids.at(now, 1)[0],
            client_id=client.client_id,
            kind=str(kind),
            details={**timed, **details},
            # One per sector and cause: two partners that compare them learn nothing.
            txn=self.marks.text(client.sector, cause.reference),
            created_at=now,
            expires_at=now + timedelta(seconds=self.life),
            address=address if kind == EventKind.IDENTIFIER_CHANGED else None,
            **about,
        )


def _is_timed(kind: str) -> bool:
    return kind != VERIFICATION and EventKind(kind).of_caep


def _wants(client: Client, kind: EventKind, scopes: frozenset[str]) -> bool:
    """Tell whether the partner is sent that kind, and knows what the event names.

    RISC 1.0 §2.5 names the person by the former address: for partners that were given it.
    """
    signals = client.shared_signals
    if signals is None or kind not in signals.events:
        return False
    return kind is not EventKind.IDENTIFIER_CHANGED or _EMAIL in scopes
