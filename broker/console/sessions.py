"""Sessions of analysts: short, apart from those of people, judged at each use."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.crypto import Secret, new_token
from broker.base.db import Database
from broker.base.limits import Limits
from broker.base.tasks import Task
from broker.console.events import AnalystSessionEnded, ConsoleRefused
from broker.console.model import Analyst, AnalystSession, Role, RoleMissing, Standing
from broker.console.store import AnalystStore
from broker.sessions.model import TimeLeft

_SEEN_EVERY = timedelta(seconds=30)  # a session's last use is written at most so often


@dataclass(frozen=True)
class AnalystSessions:
    """The server's side of the console's cookie."""

    store: AnalystStore
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def of(self, cookie: Secret | None) -> AnalystSession | None:
        """Return the session of that cookie, unless it is over."""
        session = self.store.session(cookie) if cookie else None
        if session is None:
            return None
        now = self.clock()
        if reason := self._is_over(session):
            self.end(session, reason)
            return None
        if now - session.seen_at < _SEEN_EVERY:
            return session
        with self.db.transaction():
            self.store.seen(session, now)
        return replace(session, seen_at=now)

    def time_left(self, cookie: Secret | None) -> TimeLeft:
        """Return how long that session still lasts; to ask is no use of it."""
        session = self.store.session(cookie) if cookie else None
        if session is None or self._is_over(session):
            return TimeLeft(idle=0, whole=0)
        return self.left(session)

    def left(self, session: AnalystSession) -> TimeLeft:
        """Return how long a session that goes on still lasts."""
        now = self.clock()
        idle, whole = (int((end - now).total_seconds()) for end in self.ends(session))
        return TimeLeft(idle=idle, whole=whole)

    def ends(self, session: AnalystSession) -> tuple[datetime, datetime]:
        """Return when a session ends unless it is used, and at the latest."""
        latest = session.created_at + self._life
        return min(session.seen_at + self._idle_life, latest), latest

    def open(self, analyst: Analyst, former: Secret | None) -> tuple[AnalystSession, Secret]:
        """Open a session under a cookie never seen before; belongs in the login's transaction.

        The session that the browser brought ends: whoever planted its cookie gains nothing.
        """
        if former and (replaced := self.store.session(former)):
            self.end(replaced, "replaced")
        now, cookie = self.clock(), new_token()
        session = AnalystSession(
            id=new_token().reveal(), analyst=analyst, created_at=now, seen_at=now
        )
        self.store.open(session, cookie)
        return session, cookie

    def require(self, session: AnalystSession, role: Role) -> None:
        """Refuse, and record, what the analyst's role does not allow."""
        if not session.analyst.role.includes(role):
            self.audit.record(ConsoleRefused(role=str(role), **by(session)))
            raise RoleMissing

    def end(self, session: AnalystSession, reason: str) -> None:
        """End one session; again is harmless."""
        with self.db.transaction():
            if self.store.end(session):
                self.audit.record(AnalystSessionEnded(reason_code=reason, **by(session)))

    def end_all(self, analyst: Analyst, reason: str) -> None:
        """End every session of an analyst; joins the caller's transaction."""
        for session in self.store.sessions_of(analyst):
            self.end(session, reason)

    def begin_anew(self, session: AnalystSession, reason: str) -> Secret:
        """End every session of the analyst, and open the asker's under another cookie.

        Joins the caller's transaction.
        """
        self.end_all(session.analyst, reason)
        _, cookie = self.open(session.analyst, None)
        return cookie

    def end_overdue(self) -> int:
        """End what nobody came back to; return how many."""
        now = self.clock()
        overdue = self.store.overdue(now - self._idle_life, now - self._life)
        for session in overdue:
            self.end(session, self._is_over(session) or "idle")
        return len(overdue)

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work of the console."""
        return (Task("analyst sessions overdue", 60, self.end_overdue),)

    def _is_over(self, session: AnalystSession) -> str | None:
        now = self.clock()
        if session.analyst.standing is not Standing.ACTIVE:
            return str(session.analyst.standing)
        if now - session.created_at >= self._life:
            return "expired"
        return "idle" if now - session.seen_at >= self._idle_life else None

    @property
    def _idle_life(self) -> timedelta:
        return timedelta(seconds=self.limits.analyst_session_idle_life)

    @property
    def _life(self) -> timedelta:
        return timedelta(seconds=self.limits.analyst_session_life)


def actor(analyst: Analyst) -> Actor:
    """Return an analyst as the trail names them."""
    return Actor(kind="analyst", ref=analyst.name)


def by(session: AnalystSession) -> dict[str, Any]:
    """Return who acted, and in which session."""
    return {"actor": actor(session.analyst), "session_ref": session.id}
