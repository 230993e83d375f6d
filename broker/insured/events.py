"""What the trail keeps of the register's own acts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Retention


@dataclass(frozen=True, kw_only=True)
class RegisterImported(Event):
    type: ClassVar[str] = "insured.register.imported"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    loaded: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class DecisionRead(Event):
    type: ClassVar[str] = "insured.decision.read"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION


@dataclass(frozen=True, kw_only=True)
class IdentitiesMatched(Event):
    type: ClassVar[str] = "insured.identities.matched"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    identities: int
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DecisionsReplayed(Event):
    type: ClassVar[str] = "insured.decisions.replayed"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    decisions: int
    changed: int
    rules: tuple[str, ...]
