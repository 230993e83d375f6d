"""What the trail keeps of signing keys."""

from dataclasses import dataclass

from broker.audit.model import Event, Retention


@dataclass(frozen=True, kw_only=True)
class KeyRotated(Event):
    type = "key.rotated"
    retention = Retention.ADMINISTRATION
    after: str
    """Algorithm and id of the key that was announced."""


@dataclass(frozen=True, kw_only=True)
class KeyRetired(Event):
    type = "key.retired"
    retention = Retention.ADMINISTRATION
    before: str
    """Algorithm and id of the key that nobody may trust any more."""
