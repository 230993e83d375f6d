"""What the trail keeps of consents."""

from dataclasses import dataclass

from broker.audit.model import Event, Retention
from broker.audit.taxonomy import Activity
from broker.oidc.events import OfClient


@dataclass(frozen=True, kw_only=True)
class AuthorizationRefusedByPerson(OfClient):
    """The person gave up and went back to the partner."""

    type = "consent.refused"
    activity = Activity.RIGHTS_GIVEN


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Event):
    """The person agreed to what a partner receives; `data`: names of the claims."""

    type = "consent.given"
    activity = Activity.RIGHTS_GIVEN
    retention = Retention.FEDERATION
    client_id: str
    data: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Event):
    """The person stopped sharing with a partner: its tokens ended."""

    type = "consent.revoked"
    activity = Activity.RIGHTS_TAKEN
    retention = Retention.FEDERATION
    client_id: str
