"""Saved questions, asked within a window; each is on record before it is answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.audit.log import AuditLog
from broker.audit.saved_queries import LOGINS, Group, SavedQueries, SavedQuery
from broker.base.clock import Clock
from broker.console.events import ConsoleViewed, Query
from broker.console.model import AnalystSession
from broker.console.sessions import by
from broker.console.terms import EmptyWindow

_USUAL = timedelta(days=1)  # where nobody named a window


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of time: its end is not in it."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Questions:
    """The use cases of saved questions."""

    saved: SavedQueries
    audit: AuditLog
    clock: Clock

    def window(self, since: datetime | None, until: datetime | None) -> Window:
        """Complete a window: up to now, of a day; or raise EmptyWindow."""
        end = until or self.clock()
        found = Window(since=since or end - _USUAL, until=end)
        if found.since >= found.until:
            raise EmptyWindow
        return found

    def ask(self, session: AnalystSession, query: SavedQuery, window: Window) -> list[Group]:
        """Return the answer of a saved question."""
        self._record(session, query.name, window)
        return self.saved.run(query, window.since, window.until)

    def logins(self, session: AnalystSession, window: Window) -> list[tuple[datetime, int, int]]:
        """Return logins that succeeded and failed, step by step."""
        self._record(session, "logins", window)
        succeeded, failed = (
            self.saved.over_time(types, window.since, window.until) for types in LOGINS
        )
        return [(at, ok, wrong) for (at, ok), (_, wrong) in zip(succeeded, failed, strict=True)]

    def _record(self, session: AnalystSession, name: str, window: Window) -> None:
        query = Query(
            question=name, since=window.since.isoformat(), until=window.until.isoformat()
        )
        self.audit.record(ConsoleViewed(page="question", query=query, **by(session)))
