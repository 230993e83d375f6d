"""Sessions of people: opened by a login, ended by whoever has the right, checked at each use."""

from dataclasses import dataclass, replace
from datetime import timedelta

from broker.accounts.model import Status
from broker.audit.log import AuditLog
from broker.base.clock import Clock, epoch
from broker.base.context import Here
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.limits import Limits
from broker.base.tasks import Task
from broker.sessions.events import (
    BrowserForgotten,
    SessionCopied,
    SessionCreated,
    SessionEnded,
    SessionUsedLate,
)
from broker.sessions.model import (
    BroughtSession,
    BrowserKnown,
    LateUse,
    LoginRequest,
    OpenSession,
    Proof,
    Session,
    SessionOver,
    TimeLeft,
)
from broker.sessions.store import SessionStore

_BY_HOLDER = "ended_by_holder"
_BATCH = 200  # sessions of one turn
_SEEN_EVERY = timedelta(minutes=1)  # a session's last use is written at most so often


@dataclass(frozen=True)
class Sessions:
    """The server's side of the session cookie."""

    store: SessionStore
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock
    here: Here
    over: SessionOver

    def of(self, cookie: Secret | None) -> Session | None:
        """Return the session of that cookie, unless it is over or its account may not log in."""
        found = self.store.brought(cookie) if cookie else None
        if found is None or cookie is None:
            return None
        if found.end_reason is not None:
            self._note_late(found, cookie)
            return None
        session, seen_at, now = found.session, found.seen_at, self.clock()
        reason = self._is_over(now - seen_at, now - session.created_at)
        if found.status is not Status.ACTIVE:
            reason = "account"
        if reason:
            self.end(session, reason)
            return None
        if now - seen_at >= _SEEN_EVERY:
            with self.db.transaction():
                self.store.seen(session.sid, now)
        return session

    def time_left(self, cookie: Secret | None) -> TimeLeft | None:
        """Return how long that session still lasts; None where it is over. To ask is no use."""
        found = self.store.brought(cookie) if cookie else None
        if found is None or found.end_reason is not None:
            return None
        now = self.clock()
        whole = found.session.created_at + self._life - now
        idle = min(found.seen_at + self._idle_life - now, whole)
        if found.status is not Status.ACTIVE or idle <= timedelta():
            return None
        return TimeLeft(idle=int(idle.total_seconds()), whole=int(whole.total_seconds()))

    def open(
        self,
        session: Session,
        cookie: Secret,
        request: LoginRequest | None,
        proof: Proof,
        known: BrowserKnown,
    ) -> Session:
        """Open a session in place of the browser's; belongs in the transaction of the login.

        Who logs in again stays the same for partners: the session goes on under its ``sid``.
        """
        replaced = self.store.end_of_browser(session.browser, "replaced", session.created_at)
        for former in replaced:
            if former.account_id == session.account_id:
                session = replace(session, sid=former.sid)
            else:
                self.over(former, "replaced")
        self.store.add(session, cookie)
        if request:
            self.store.end_request(request.id, session.created_at)
        self.audit.record(
            *(_ended(former, "replaced") for former in replaced),
            SessionCreated(
                subject=session.account_id,
                reason_code=known,
                auth_event_id=session.auth_event_id,
                session_ref=session.sid,
                acr=session.acr,
                amr=session.amr,
                auth_time=epoch(session.auth_time),
                client_id=request.client_id if request else None,
                interaction_id=request.id if request else None,
                upstream=proof.in_trail,
            ),
        )
        return session

    def hold(self, session: Session) -> bool:
        """Keep the session from ending before the transaction does; False: it has ended.

        What is given to a session is thus given before its end, and ends with it.
        """
        return self.store.hold(session.sid)

    def is_fresh(self, session: Session) -> bool:
        """Tell whether the login is so recent that nobody else can have taken its place."""
        age = self.clock() - session.auth_time
        return age < timedelta(seconds=self.limits.fresh_login_life)

    def end(self, session: Session, reason: str) -> None:
        """End one session; again is harmless.

        One that ran out by itself leaves what partners hold to its own limits.
        """
        with self.db.transaction():
            if self.store.end(session.sid, reason, self.clock()):
                self.audit.record(_ended(session, reason))
                self.over(session, reason)

    def drop_waiting(self, account_id: str, *, but: str = "") -> None:
        """Forget the account's logins that wait for a code, but that attempt; in a transaction."""
        self.store.drop_attempts(account_id, but=but)

    def end_all(self, account_id: str, reason: str, *, but: str = "") -> None:
        """End an account's sessions, but one, and its waiting logins; forget its browsers."""
        with self.db.transaction():
            if forgotten := self.store.forget(account_id):
                self.audit.record(*[BrowserForgotten(subject=account_id)] * forgotten)
            self._end_every(account_id, reason, but)

    def every(self, account_id: str) -> list[OpenSession]:
        """Return the account's sessions that are good now, the last used first."""
        now = self.clock()
        return [
            found
            for found in self.store.open_of(account_id)
            if not self._is_over(now - found.seen_at, now - found.session.created_at)
        ]

    def end_by_holder(self, mine: Session, sid: str) -> None:
        """End another session of the same account, at the wish of its holder in session *mine*."""
        for found in self.every(mine.account_id):
            if found.session.sid == sid != mine.sid:
                self.end(found.session, _BY_HOLDER)

    def end_others_by_holder(self, mine: Session) -> None:
        """End every session of the account but *mine*, and its logins that wait for a code."""
        with self.db.transaction():
            self._end_every(mine.account_id, _BY_HOLDER, mine.sid)

    def end_overdue(self) -> int:
        """End what nobody came back to: whoever takes part in a session is told of its end."""
        now, idle, life = self.clock(), self._idle_life, self._life
        overdue = self.store.overdue(now - idle, now - life, _BATCH)
        for session in overdue:
            self.end(session, "expired" if now - session.created_at >= life else "idle")
        return len(overdue)

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of sessions."""
        kept = self._life + timedelta(days=1)
        return (
            Task("sessions overdue", 20, self.end_overdue),
            Task("sessions purge", 600, lambda: self.store.purge(self.clock(), kept)),
        )

    def _note_late(self, found: BroughtSession, cookie: Secret) -> None:
        """Record that an ended session was used: once for its browser, once for any other.

        That session's row holds the mark, so that who repeats a cookie doesn't fill the trail.
        """
        use = found.news_of(self.here().browser)
        if use is None:
            return
        event = SessionCopied if use is LateUse.COPY else SessionUsedLate
        with self.db.transaction():
            if self.store.note_late(cookie, use, self.clock()):
                self.audit.record(
                    event(
                        subject=found.session.account_id,
                        auth_event_id=found.session.auth_event_id,
                        session_ref=found.session.sid,
                        reason_code=found.end_reason,
                    )
                )

    def _end_every(self, account_id: str, reason: str, but: str) -> None:
        self.store.drop_attempts(account_id)
        for session in self.store.end_of_account(account_id, reason, self.clock(), but=but):
            self.audit.record(_ended(session, reason))
            self.over(session, reason)

    def _is_over(self, idle: timedelta, age: timedelta) -> str | None:
        if idle >= self._idle_life:
            return "idle"
        return "expired" if age >= self._life else None

    @property
    def _idle_life(self) -> timedelta:
        return timedelta(seconds=self.limits.session_idle_life)

    @property
    def _life(self) -> timedelta:
        return timedelta(seconds=self.limits.session_life)


def _ended(session: Session, reason: str) -> SessionEnded:
    return SessionEnded(
        subject=session.account_id,
        auth_event_id=session.auth_event_id,
        session_ref=session.sid,
        reason_code=reason,
    )
