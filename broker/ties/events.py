"""What the trail keeps of ties that were refused; the done ones are events of accounts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention, Upstream
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class UpstreamTieRefused(Event):
    """After password and code, no tie.

    Reason: `other_person`, an outcome of the matching (`none`, `several`, `uncertified`,
    `invalid`), `taken`, `changed_meanwhile`, `identity_expired`, or what was switched off.
    """

    type: ClassVar[str] = "fc.link.refused"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    upstream: Upstream | None = None
