"""What the trail keeps of cases."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Part, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class CaseFacts(Part):
    """Which case, and what opened it."""

    reference: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """The security team has something to look into."""

    type: ClassVar[str] = "case.opened"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    security_case: CaseFacts


@dataclass(frozen=True, kw_only=True)
class CaseConcluded(Event):
    """An analyst concluded it; reason: `intrusion`, `mistake`, `undecided`."""

    type: ClassVar[str] = "case.concluded"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    security_case: CaseFacts
