"""What the trail keeps of ties that were refused; the done ones are events of accounts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention, Upstream


@dataclass(frozen=True, kw_only=True)
class UpstreamTieRefused(Event):
    """``reason_code``: other_person, an outcome of the matching, taken, or what expired."""

    type: ClassVar[str] = "fc.link.refused"
    retention: ClassVar[Retention] = Retention.FEDERATION
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE
    upstream: Upstream | None = None
