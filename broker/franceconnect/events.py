"""What the trail keeps of round trips to FranceConnect and of their switches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention, Upstream


@dataclass(frozen=True, kw_only=True)
class RoundTripStarted(Event):
    type: ClassVar[str] = "fc.start"
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.ATTEMPT

    upstream: Upstream | None = None
    acr: str | None = None


@dataclass(frozen=True, kw_only=True)
class RoundTripCompleted(Event):
    type: ClassVar[str] = "fc.callback.ok"
    retention: ClassVar[Retention] = Retention.FEDERATION

    upstream: Upstream | None = None
    acr: str
    auth_time: int | None = None


@dataclass(frozen=True, kw_only=True)
class RoundTripFailed(Event):
    type: ClassVar[str] = "fc.callback.refused"
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE

    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class UpstreamLogoutStarted(Event):
    type: ClassVar[str] = "fc.logout"
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.ATTEMPT

    upstream: Upstream


@dataclass(frozen=True, kw_only=True)
class UpstreamSwitched(Event):
    type: ClassVar[str] = "admin.kill_switch"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    before: Mapping[str, object]
    after: Mapping[str, object]
