"""What the trail keeps of signing keys."""

from dataclasses import dataclass

from broker.audit.model import Event, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class KeyRotated(Event):
    """A key was announced: one that signs, or one that FranceConnect+ encrypts for.

    `after`: its algorithm and id.
    """

    type = "key.rotated"
    activity = Activity.CREATED
    severity = Severity.MEDIUM
    retention = Retention.ADMINISTRATION
    after: str


@dataclass(frozen=True, kw_only=True)
class KeyRetired(Event):
    """A key was withdrawn: one that signs, or one that FranceConnect+ encrypts for.

    `before`: its algorithm and id.
    """

    type = "key.retired"
    activity = Activity.DELETED
    severity = Severity.HIGH
    retention = Retention.ADMINISTRATION
    before: str
