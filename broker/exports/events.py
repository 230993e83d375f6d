"""What the trail keeps of its exports: changes of state. A batch would feed itself."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Part, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class ExportPosition(Part):
    """How far a sink has got."""

    position: int


@dataclass(frozen=True, kw_only=True)
class ExportEvent(Event):
    """An event of one sink."""

    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    activity: ClassVar[Activity] = Activity.UPDATED

    sink: str


@dataclass(frozen=True, kw_only=True)
class Exported(ExportEvent):
    """An operator had a sink begin anew at a position of the trail, back or ahead."""

    type: ClassVar[str] = "audit.exported"
    severity: ClassVar[Severity] = Severity.MEDIUM

    before: ExportPosition
    after: ExportPosition


@dataclass(frozen=True, kw_only=True)
class ExportInterrupted(ExportEvent):
    """A sink no longer takes events; once per interruption, with the reason of its beginning."""

    type: ClassVar[str] = "audit.export.interrupted"
    severity: ClassVar[Severity] = Severity.MEDIUM
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class ExportResumed(ExportEvent):
    """A sink takes events again; nothing was left out meanwhile."""

    type: ClassVar[str] = "audit.export.resumed"


@dataclass(frozen=True, kw_only=True)
class EventsMissing(ExportEvent):
    """A sink took, at these `positions`, `audit.event.unreadable`, or nothing (`deleted`).

    Somebody wrote into the table of events: `broker audit verify` says more.
    """

    type: ClassVar[str] = "audit.export.incomplete"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.CRITICAL
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    positions: tuple[str, ...]
