"""What the trail keeps of security events sent to partners."""

from dataclasses import dataclass

from broker.audit.model import Event, Outcome, Part, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class SignalFacts(Part):
    """Which event."""

    kind: str
    jti: str


@dataclass(frozen=True, kw_only=True)
class StreamFacts(Part):
    """What a stream does, and what it lost."""

    status: str
    dropped: int = 0


@dataclass(frozen=True, kw_only=True)
class _OfSignal(Event):
    activity = Activity.DATA_READ
    retention = Retention.FEDERATION
    client_id: str
    signal: SignalFacts


@dataclass(frozen=True, kw_only=True)
class SetSent(_OfSignal):
    """A partner took a security event; `txn`: as its token says, one per cause and partner."""

    type = "set.sent"


@dataclass(frozen=True, kw_only=True)
class SetPostponed(_OfSignal):
    """A partner did not take it, and will be told again; reason: its status or what failed."""

    type = "set.postponed"
    severity = Severity.LOW
    default_outcome = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class SetFailed(_OfSignal):
    """It is never told: refused, too old, or its stream has ended; reason: which."""

    type = "set.failed"
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class StreamUpdated(Event):
    """A partner set its stream to another status."""

    type = "stream.updated"
    activity = Activity.UPDATED
    severity = Severity.LOW
    retention = Retention.FEDERATION
    client_id: str
    stream: StreamFacts


@dataclass(frozen=True, kw_only=True)
class StreamVerified(Event):
    """A partner asked to be sent a verification event; failure `limited`: too often."""

    type = "stream.verification"
    activity = Activity.READ
    retention = Retention.FEDERATION
    client_id: str
