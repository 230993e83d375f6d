"""What the trail keeps of itself."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention


@dataclass(frozen=True, kw_only=True)
class VerificationFailed(Event):
    type: ClassVar[str] = "audit.verify.failed"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    flaws: int


@dataclass(frozen=True, kw_only=True)
class TrailRestored(Event):
    type: ClassVar[str] = "audit.restored"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    origin: str
    size: int
    known_size: int | None
