"""What the trail keeps of itself."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Motive, Outcome, Part, Retention
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
class VerificationPassed(Event):
    """`broker audit verify` found no flaw in the first `judged` positions of the tree."""

    type: ClassVar[str] = "audit.verify.passed"
    activity: ClassVar[Activity] = Activity.READ
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    judged: int


@dataclass(frozen=True, kw_only=True)
class WitnessRefused(Event):
    """The witness, named by the actor, signed nothing valid of a checkpoint of `size` events.

    Reason: `inconsistent`, `conflict`, `knows_more`: ours does not go on from what it took;
    `bad_cosignature`; `unknown_log`, `unknown_key`; `unexpected`.
    """

    type: ClassVar[str] = "audit.witness.refused"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.CRITICAL
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    size: int


@dataclass(frozen=True, kw_only=True)
class TrailRestored(Event):
    """The database was declared restored.

    The trail goes on as `origin`; events from position `size` to `known_size` are lost.
    """

    type: ClassVar[str] = "audit.restored"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.TRAIL

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


@dataclass(frozen=True, kw_only=True)
class ByClass(Part):
    """A number for each class of retention that ends."""

    security: int | None = None
    federation: int | None = None
    administration: int | None = None


@dataclass(frozen=True, kw_only=True)
class TrailPurged(Event):
    """Events whose time was over were removed: those at `positions`, whose leaves stay.

    `txn` names the stretch of the tree, so that the verification finds what tells of a position.
    """

    type: ClassVar[str] = "audit.purge.done"
    activity: ClassVar[Activity] = Activity.DELETED
    retention: ClassVar[Retention] = Retention.TRAIL

    positions: tuple[str, ...]
    counts: ByClass
    months: ByClass
    oldest: str
    youngest: str
    basis: str = "GDPR 5(1)(e)"


@dataclass(frozen=True, kw_only=True)
class HoldPlaced(Event):
    """Events of a person or a login are kept beyond their time; `after`: why."""

    type: ClassVar[str] = "audit.hold.placed"
    activity: ClassVar[Activity] = Activity.CREATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    held: str
    after: Motive


@dataclass(frozen=True, kw_only=True)
class HoldLifted(Event):
    """They are kept no longer than others; `after`: why."""

    type: ClassVar[str] = "audit.hold.lifted"
    activity: ClassVar[Activity] = Activity.DELETED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    held: str
    after: Motive


@dataclass(frozen=True, kw_only=True)
class EvidenceExported(Event):
    """An operator wrote events with their proofs into a file; `events`: how many."""

    type: ClassVar[str] = "audit.evidence.exported"
    activity: ClassVar[Activity] = Activity.READ
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    events: int


@dataclass(frozen=True, kw_only=True)
class UnreadableEvent(Event):
    """Never recorded: it stands, wherever the trail is read, for what is no event of the service.

    Reason: `unreadable`, no event at all; `edited`, not what was sealed. `stored`: the SHA-256 of
    what is there instead, and the search columns beside it. Its time is that of the event's id.
    """

    type: ClassVar[str] = "audit.event.unreadable"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.CRITICAL
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    stored: str | None
    client_id: str | None = None
