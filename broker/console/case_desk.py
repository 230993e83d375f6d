"""Cases as analysts read and conclude them in the console: each look is on record."""

from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.audit.questions.timeline import Question, Slice, Timeline
from broker.base.bounded_read import ReadTooLong
from broker.base.paging import Part
from broker.cases.cases import Cases
from broker.cases.model import Case, Conclusion
from broker.console.events import ConsoleViewed, Query
from broker.console.model import AnalystSession
from broker.console.sessions import actor, by
from broker.console.terms import structure


@dataclass(frozen=True)
class CaseDesk:
    """The use cases of the console's pages of cases; their routes ask for the role."""

    cases: Cases
    timeline: Timeline
    audit: AuditLog

    def part(self, session: AnalystSession, *, closed: bool, behind: str | None) -> Part[Case]:
        """Return open cases, the oldest first, or concluded ones, the last conclusion first."""
        self._record(session, "cases", Query())
        return self.cases.part(closed=closed, behind=behind)

    def look(self, session: AnalystSession, reference: str) -> tuple[Case, Slice | None]:
        """Return one case, with the newest events of its login and its person; CaseUnknown.

        No events where reading them takes too long: a case is concluded none the less.
        """
        case = self.cases.get(reference)
        self._record(session, "case", structure(Question(terms=(reference,))))
        try:
            return case, self.timeline.page(Question(terms=terms_of(case)))
        except ReadTooLong:
            return case, None

    def conclude(self, session: AnalystSession, reference: str, conclusion: Conclusion) -> None:
        """Close a case with what was found; CaseUnknown, CaseClosed."""
        self.cases.conclude(reference, conclusion, actor(session.analyst))

    def _record(self, session: AnalystSession, page: str, query: Query) -> None:
        self.audit.record(ConsoleViewed(page=page, query=query, **by(session)))


def terms_of(case: Case) -> tuple[str, ...]:
    """Return what the events of a case are found by: its person, and the login where known."""
    return (case.subject_ref, case.auth_event_id) if case.auth_event_id else (case.subject_ref,)
