"""Saved questions, asked within a window; each is on record before it is answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.audit.log import AuditLog
from broker.audit.questions.asking import Asked, Row, SavedQuestion, Sources
from broker.audit.questions.saved_queries import LOGINS, over_time
from broker.audit.questions.timeline import PATIENCE
from broker.base.bounded_read import BoundedReads
from broker.base.clock import Clock
from broker.base.paris import PARIS
from broker.console.events import ConsoleViewed, Query
from broker.console.model import AnalystSession
from broker.console.sessions import by
from broker.console.terms import EmptyWindow, Network, described

_USUAL = timedelta(days=1)  # where nobody named a window


@dataclass(frozen=True)
class Questions:
    """The use cases of saved questions."""

    sources: Sources
    audit: AuditLog
    clock: Clock
    patience: float = PATIENCE

    @property
    def knows_places(self) -> bool:
        """Tell whether the operator gave a file of places."""
        return self.sources.places.known

    def asked(
        self,
        since: datetime | None,
        until: datetime | None,
        *,
        identifier: str = "",
        network: Network | None = None,
        at_least: int = 1,
    ) -> Asked:
        """Complete what was asked: up to now, of a day; or raise EmptyWindow."""
        end = until or self.clock()
        found = Asked(
            since=since or end - _USUAL,
            until=end,
            identifier=identifier,
            network=network,
            at_least=at_least,
            zone=PARIS,
        )
        if found.since >= found.until:
            raise EmptyWindow
        return found

    def ask(self, session: AnalystSession, question: SavedQuestion, asked: Asked) -> list[Row]:
        """Return the answer of a saved question; ReadTooLong where it has too much to read."""
        self._record(session, question.name, asked)
        return list(question.read(self.sources.read_by(self._bounded()), asked))

    def plot(self, question: SavedQuestion, asked: Asked) -> list[tuple[datetime, int]]:
        """Return how many of the question's events each step of the window has."""
        return over_time(self._bounded(), question.plots, asked.since, asked.until)

    def logins(self, session: AnalystSession, asked: Asked) -> list[tuple[datetime, int, int]]:
        """Return logins that succeeded and failed, step by step."""
        self._record(session, "logins", asked)
        db = self._bounded()
        succeeded, failed = (over_time(db, types, asked.since, asked.until) for types in LOGINS)
        return [(at, ok, wrong) for (at, ok), (_, wrong) in zip(succeeded, failed, strict=True)]

    def _bounded(self) -> BoundedReads:
        return BoundedReads.of(self.sources.db, self.patience)

    def _record(self, session: AnalystSession, name: str, asked: Asked) -> None:
        query = Query(
            question=name,
            terms=(described(asked.identifier),) if asked.identifier else (),
            since=asked.since.isoformat(),
            until=asked.until.isoformat(),
        )
        self.audit.record(ConsoleViewed(page="question", query=query, **by(session)))
