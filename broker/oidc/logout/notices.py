"""Back-channel logout (OpenID Connect Back-Channel Logout 1.0): queued, delivered, retried."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
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
from broker.base.outgoing import Outgoing
from broker.base.tasks import Task
from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.oidc.claims.subjects import Subjects
from broker.oidc.envelopes import Envelopes
from broker.oidc.errors import OAuthError
from broker.oidc.logout.events import LogoutNoticePostponed, LogoutNoticeRefused, LogoutNoticeSent
from broker.oidc.logout.model import LogoutNotice
from broker.oidc.logout.store import LogoutStore
from broker.oidc.logout.token import LogoutTokens
from broker.sessions.model import Session

_SYSTEM = Actor(kind="system")
_MOST = 20  # notices of one turn
_AT_ONCE = 4  # partners called at the same time
_LEASE = timedelta(minutes=3)  # more than one turn takes, all partners being slow
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class LogoutNotices:
    """Tells partners that a session of theirs is over; nobody ever waits for them."""

    clients: Clients
    store: LogoutStore
    tokens: LogoutTokens
    envelopes: Envelopes
    subjects: Subjects
    outgoing: Outgoing
    audit: AuditLog
    db: Database
    clock: Clock
    life: int
    """Seconds for which delivery is tried."""

    def of_session(self, session: Session, reason: str) -> None:
        """Queue one notice per partner of a session that ends; joins its transaction."""
        partners = self.store.of(session.account_id, session.sid)
        self._queue(
            partners,
            account_id=session.account_id,
            sids=(session.sid,),
            auth_event_id=session.auth_event_id,
            reason=reason,
        )

    def of_partner(self, account_id: str, client_id: str, reason: str) -> None:
        """Queue what ends everything of a person at one partner; joins the transaction.

        One notice without ``sid`` says it all (§2.4), but to a partner that requires one.
        """
        client = self.clients.registered(client_id)
        every: Sequence[str | None] = (None,)
        if client is not None and client.backchannel_logout_session_required:
            every = self.store.sessions_at(account_id, client_id)
        self._queue((client_id,), account_id=account_id, sids=every, reason=reason)

    def of_client(self, client_id: str, reason: str) -> None:
        """Queue the end of every session at a partner that is switched off; joins that."""
        for account_id, sid in self.store.sessions_of(client_id):
            self._queue((client_id,), account_id=account_id, sids=(sid,), reason=reason)

    def of_everybody(self, reason: str) -> None:
        """Queue the end of every session at every partner; joins the transaction of that end."""
        for client_id in self.store.partners():
            self.of_client(client_id, reason)

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: the calls."""
        return (Task("logout notices", 0.5, self.deliver, apart=True),)

    def deliver(self) -> int:
        """Make the calls that are due; return how many.

        Several partners at a time. One that does not answer is left alone for this turn.
        """
        by_partner: dict[str, list[LogoutNotice]] = defaultdict(list)
        for notice in self.store.claim(self.clock(), lease=_LEASE, most=_MOST):
            by_partner[notice.client_id].append(notice)
        if not by_partner:
            return 0
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="logout notice") as pool:
            return sum(pool.map(self._deliver_all, by_partner.values()))

    def _queue(
        self,
        client_ids: Iterable[str],
        *,
        account_id: str,
        sids: Sequence[str | None],
        reason: str,
        auth_event_id: str | None = None,
    ) -> None:
        now = self.clock()
        self.store.add(
            LogoutNotice(
                id=secrets.token_hex(16),
                client_id=client.client_id,
                account_id=account_id,
                sid=sid,
                auth_event_id=auth_event_id,
                reason=reason,
                created_at=now,
                expires_at=now + timedelta(seconds=self.life),
            )
            for client in map(self.clients.registered, client_ids)
            if client is not None and client.backchannel_logout_uri is not None
            for sid in sids
        )

    def _deliver_all(self, notices: list[LogoutNotice]) -> int:
        silent: str | None = None
        for notice in notices:
            if silent is None:
                silent = self._deliver(notice)
            else:
                self._postpone(notice, silent)
        return len(notices)

    def _deliver(self, notice: LogoutNotice) -> str | None:
        """Make one call and record its end; return why the partner is to be left alone."""
        client = self.clients.registered(notice.client_id)
        if client is None or client.backchannel_logout_uri is None:
            self._give_up(notice, "not_registered")
            return None
        if notice.expires_at <= self.clock():
            self._give_up(notice, "expired")
            return None
        try:
            status = self._call(client, client.backchannel_logout_uri, notice)
        except (CallFailed, OAuthError) as failure:
            reason = failure.reason if isinstance(failure, CallFailed) else failure.error
            self._postpone(notice, reason)
            return reason
        if status < HTTPStatus.MULTIPLE_CHOICES:
            self._delivered(notice)
        elif status in _LATER:
            self._postpone(notice, str(status))
            return str(status)
        else:
            self._give_up(notice, str(status))
        return None

    def _call(self, client: Client, address: str, notice: LogoutNotice) -> int:
        envelope = self.envelopes.for_id_token(client)  # §2.4: encrypted as ID Tokens are
        sub = self.subjects.sub(client, notice.account_id)
        sid = self.subjects.sid(client, notice.sid) if notice.sid else None
        token = envelope.around(self.tokens.issue(client, sub, sid), nested=True)
        return self.outgoing.post(address, {"logout_token": token}).status

    def _postpone(self, notice: LogoutNotice, reason: str) -> None:
        facts = _facts(notice, reason)
        with self.db.transaction():
            if self.store.postpone(notice, notice.next_try(self.clock())):
                self.audit.record(LogoutNoticePostponed(**facts))

    def _delivered(self, notice: LogoutNotice) -> None:
        with self.db.transaction():
            if self.store.end(notice):
                self.audit.record(LogoutNoticeSent(**_facts(notice, notice.reason)))

    def _give_up(self, notice: LogoutNotice, reason: str) -> None:
        with self.db.transaction():
            if self.store.end(notice):
                self.audit.record(LogoutNoticeRefused(**_facts(notice, reason)))


def _facts(notice: LogoutNotice, reason: str) -> dict[str, Any]:
    return {
        "client_id": notice.client_id,
        "subject": notice.account_id,
        "auth_event_id": notice.auth_event_id,
        "session_ref": notice.sid,
        "reason_code": reason,
        "actor": _SYSTEM,
    }
