"""What the trail keeps of round trips to FranceConnect and of their switches."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Part, Retention, Upstream
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class RoundTripStarted(Event):
    """The browser was sent to FranceConnect; or not: switched off, `limited` of its network."""

    type: ClassVar[str] = "fc.start"
    activity: ClassVar[Activity] = Activity.STEP
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.ATTEMPT

    upstream: Upstream | None = None
    acr: str | None = None


@dataclass(frozen=True, kw_only=True)
class RoundTripCompleted(Event):
    """FranceConnect's answer was verified."""

    type: ClassVar[str] = "fc.callback.ok"
    activity: ClassVar[Activity] = Activity.STEP
    retention: ClassVar[Retention] = Retention.FEDERATION

    upstream: Upstream | None = None
    acr: str
    auth_time: int | None = None


@dataclass(frozen=True, kw_only=True)
class RoundTripFailed(Event):
    """It was not: cancelled, replayed, untrusted, too weak, switched off."""

    type: ClassVar[str] = "fc.callback.refused"
    activity: ClassVar[Activity] = Activity.LOGON
    severity: ClassVar[Severity] = Severity.LOW
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class UpstreamLogoutStarted(Event):
    """The browser was sent to log out of FranceConnect."""

    type: ClassVar[str] = "fc.logout"
    activity: ClassVar[Activity] = Activity.LOGOFF
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.ATTEMPT

    upstream: Upstream


@dataclass(frozen=True, kw_only=True)
class Switched(Part):
    """How a switch stands, and why it was moved."""

    upstream: str
    enabled: bool
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpstreamSwitched(Event):
    """A switch of FranceConnect was moved."""

    type: ClassVar[str] = "admin.kill_switch"
    activity: ClassVar[Activity] = Activity.UPDATED
    severity: ClassVar[Severity] = Severity.HIGH
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    before: Switched
    after: Switched
