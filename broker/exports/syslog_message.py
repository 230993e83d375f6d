"""Events as messages of syslog: structured, or with a text in other words."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.audit.catalogue import activity_of
from broker.audit.formats.leaves import leaves
from broker.audit.formats.syslog import element, syslog_message
from broker.audit.sealing.sealed import Sealed

_NO_DATA = "-"
Payload = Callable[[Sealed], str]


@dataclass(frozen=True)
class SyslogMessages:
    """Writes events as messages of one host; without *payload* as structured data."""

    host: str
    enterprise_number: int
    payload: Payload | None = None

    def message(self, sealed: Sealed) -> bytes:
        """Return the message, without the frame."""
        kind = sealed.event["type"]
        severity = activity_of(kind)[1]
        return syslog_message(severity, sealed.time, self.host, kind, self._content(sealed))

    def _content(self, sealed: Sealed) -> str:
        if self.payload:
            return f"{_NO_DATA} {self.payload(sealed)}"
        facts = {"position": sealed.position, **dict(leaves(sealed.event))}
        return element("audit", facts, self.enterprise_number)
