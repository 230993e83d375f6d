"""What each event between the provider and a client says; what the trail keeps of envelopes."""

from dataclasses import dataclass

from broker.audit.model import Event, Outcome, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class OfClient(Event):
    """An act between the provider and a client."""

    retention = Retention.FEDERATION
    client_id: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EncryptionFailed(Event):
    """No answer could be encrypted for a client that registered encryption.

    None was sent; reason: `no_key`, or `jwks_uri:…`.
    """

    type = "token.encryption.failed"
    activity = Activity.TICKET
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    client_id: str
