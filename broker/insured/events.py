"""What the trail keeps of the register's own acts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class RegisterImported(Event):
    """A file was loaded into the register."""

    type: ClassVar[str] = "insured.register.imported"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    loaded: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class DecisionRead(Event):
    """An adviser read a decision record."""

    type: ClassVar[str] = "insured.decision.read"
    activity: ClassVar[Activity] = Activity.READ
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class IdentitiesMatched(Event):
    """An operator matched a file of identities, or compared rules on it."""

    type: ClassVar[str] = "insured.identities.matched"
    activity: ClassVar[Activity] = Activity.READ
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    identities: int
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DecisionsReplayed(Event):
    """An operator had kept decisions decided again by other rules."""

    type: ClassVar[str] = "insured.decisions.replayed"
    activity: ClassVar[Activity] = Activity.READ
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    decisions: int
    changed: int
    rules: tuple[str, ...]
