"""What the trail keeps of the partners' registration."""

from dataclasses import dataclass

from broker.audit.model import Event, Retention
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class ClientCreated(Event):
    """A partner was registered; `after`: the effects on people, as they were shown before."""

    type = "client.created"
    activity = Activity.CREATED
    severity = Severity.MEDIUM
    retention = Retention.ADMINISTRATION
    client_id: str
    after: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClientUpdated(Event):
    """A registration changed; `after`: the effects on people, as they were shown before."""

    type = "client.updated"
    activity = Activity.UPDATED
    severity = Severity.MEDIUM
    retention = Retention.ADMINISTRATION
    client_id: str
    after: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClientDisabled(Event):
    """A partner was switched off."""

    type = "client.disabled"
    activity = Activity.DISABLED
    severity = Severity.MEDIUM
    retention = Retention.ADMINISTRATION
    client_id: str


@dataclass(frozen=True, kw_only=True)
class ClientEnabled(Event):
    """A partner was switched on."""

    type = "client.enabled"
    activity = Activity.ENABLED
    severity = Severity.MEDIUM
    retention = Retention.ADMINISTRATION
    client_id: str
