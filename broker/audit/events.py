"""What the trail keeps of itself."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Motive, Outcome, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class VerificationFailed(Event):
    """`broker audit verify` found flaws; reason: the kind of the first."""

    type: ClassVar[str] = "audit.verify.failed"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.CRITICAL
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    flaws: int


@dataclass(frozen=True, kw_only=True)
class TrailRestored(Event):
    """The database was declared restored.

    The trail goes on as `origin`; events from position `size` to `known_size` are lost.
    """

    type: ClassVar[str] = "audit.restored"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    origin: str
    size: int
    known_size: int | None


@dataclass(frozen=True, kw_only=True)
class LineageRead(Event):
    """Somebody looked up what came of a login; failure: nothing was found.

    `after`: why; `logins`: whose trees were shown; `events`: how many events these have.
    """

    type: ClassVar[str] = "audit.lineage.read"
    activity: ClassVar[Activity] = Activity.READ
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Motive
    logins: tuple[str, ...]
    events: int
