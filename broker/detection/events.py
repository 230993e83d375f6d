"""What the trail keeps of alerts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Motive, Part, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class AlertFacts(Part):
    """Which alert, of which rule, on whom or what."""

    reference: str
    rule: str
    severity: str
    group_by: str
    group: str


@dataclass(frozen=True, kw_only=True)
class AlertRaised(Event):
    """A rule of detection found something; `broker detection alerts` and the console show it."""

    type: ClassVar[str] = "detection.alerted"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    alert: AlertFacts
    subject_ref: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class AlertNoted(Event):
    """An analyst acknowledged an alert; `after`: the note."""

    type: ClassVar[str] = "detection.acknowledged"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    alert: AlertFacts
    after: Motive
