"""What the trail keeps of alerts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Motive, Outcome, Part, Retention
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


@dataclass(frozen=True, kw_only=True)
class AlertNotice(Part):
    """Which alert, and by which channel it is told."""

    reference: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class NoticeSent(Event):
    """The receiver of a channel took the notice of an alert."""

    type: ClassVar[str] = "detection.notice.sent"
    activity: ClassVar[Activity] = Activity.UPDATED
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    alert: AlertNotice


@dataclass(frozen=True, kw_only=True)
class NoticePostponed(Event):
    """It did not; it will be told again. Reason: what failed, or the status."""

    type: ClassVar[str] = "detection.notice.postponed"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    alert: AlertNotice


@dataclass(frozen=True, kw_only=True)
class NoticeRefused(Event):
    """Nobody took it within a day (`expired`), or the channel is gone (`not_configured`)."""

    type: ClassVar[str] = "detection.notice.refused"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    alert: AlertNotice
