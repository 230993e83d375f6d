"""Alerts as analysts read and acknowledge them; each look is on record before it is answered."""

from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.audit.model import Recorded
from broker.base.paging import Part
from broker.console.events import ConsoleViewed, Query
from broker.console.model import AnalystSession
from broker.console.sessions import actor, by
from broker.detection.detection import Detection
from broker.detection.model import Alert, Rule


@dataclass(frozen=True)
class Alerts:
    """The use cases of the alerts' pages."""

    detection: Detection
    audit: AuditLog

    def part(
        self, session: AnalystSession, *, acknowledged: bool, behind: str | None
    ) -> Part[Alert]:
        """Return alerts that wait, or that somebody looked at; the newest first."""
        self.audit.record(ConsoleViewed(page="alerts", query=Query(), **by(session)))
        return self.detection.part(acknowledged=acknowledged, behind=behind)

    def one(self, session: AnalystSession, reference: str) -> tuple[Alert, list[Recorded]]:
        """Return an alert and its events; AlertUnknown."""
        alert = self.detection.get(reference)
        query = Query(alert=alert.reference)
        self.audit.record(ConsoleViewed(page="alert", query=query, **by(session)))
        return alert, self.detection.events_of(alert)

    def acknowledge(self, session: AnalystSession, reference: str, note: str) -> None:
        """Note that the analyst looked at it; AlertUnknown, AlertAcknowledged."""
        self.detection.acknowledge(reference, note, actor(session.analyst))

    def rule(self, alert: Alert) -> Rule | None:
        """Return the rule that found it; None where it is not in force any more."""
        return self.detection.rules.by_name.get(alert.rule)
