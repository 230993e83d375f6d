"""What the trail keeps of cuts; ``txn`` is the cut's reference in each of them."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Motive, Outcome, Part, Retention
from broker.audit.taxonomy import Activity, Severity
from broker.cuts.model import Counts


@dataclass(frozen=True, kw_only=True)
class CutFacts(Part):
    """What is cut, as the trail names it."""

    kind: str
    target: str


@dataclass(frozen=True, kw_only=True)
class CutPlanned(Event):
    """A responder asked for a cut, with a reason, knowing what would fall."""

    type: ClassVar[str] = "cut.planned"
    activity: ClassVar[Activity] = Activity.CREATED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    cut: CutFacts
    client_id: str | None = None
    before: Counts
    after: Motive


@dataclass(frozen=True, kw_only=True)
class CutApproved(Event):
    """A second responder approved a wide one; its effect is in the same transaction."""

    type: ClassVar[str] = "cut.approved"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    cut: CutFacts


@dataclass(frozen=True, kw_only=True)
class CutRefused(Event):
    """Nothing was cut; reason: `declined`, `over` (done, refused, too old), or not for them.

    `own_plan`; `young_account`: begun, or begun anew, after the plan.
    """

    type: ClassVar[str] = "cut.refused"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    cut: CutFacts


@dataclass(frozen=True, kw_only=True)
class CutDone(Event):
    """It had its effect: what stood before it, and what was left in the same transaction."""

    type: ClassVar[str] = "cut.done"
    activity: ClassVar[Activity] = Activity.DISABLED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    cut: CutFacts
    client_id: str | None = None
    before: Counts
    after: Counts


@dataclass(frozen=True, kw_only=True)
class CutTold(Event):
    """A mail tells the holder of it; in the transaction of its effect."""

    type: ClassVar[str] = "cut.told"
    activity: ClassVar[Activity] = Activity.MAILED
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    cut: CutFacts
    client_id: str | None = None
