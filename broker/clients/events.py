"""What the trail keeps of the partners' registration."""

from dataclasses import dataclass

from broker.audit.model import Event, Retention


@dataclass(frozen=True, kw_only=True)
class ClientCreated(Event):
    type = "client.created"
    retention = Retention.ADMINISTRATION
    client_id: str
    after: tuple[str, ...]
    """The effects on people, as they were shown before applying."""


@dataclass(frozen=True, kw_only=True)
class ClientUpdated(Event):
    type = "client.updated"
    retention = Retention.ADMINISTRATION
    client_id: str
    after: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClientDisabled(Event):
    type = "client.disabled"
    retention = Retention.ADMINISTRATION
    client_id: str


@dataclass(frozen=True, kw_only=True)
class ClientEnabled(Event):
    type = "client.enabled"
    retention = Retention.ADMINISTRATION
    client_id: str
