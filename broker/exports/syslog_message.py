"""Syslog messages (RFC 5424): of the facility "log audit", structured or with a payload."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from broker.audit.catalogue import activity_of
from broker.audit.leaves import leaves
from broker.audit.sealed import Sealed
from broker.audit.taxonomy import Severity

_FACILITY = 13  # log audit, RFC 5424 §6.2.1
_SEVERITIES = {
    Severity.INFORMATIONAL: 6,
    Severity.LOW: 5,
    Severity.MEDIUM: 4,
    Severity.HIGH: 3,
    Severity.CRITICAL: 2,
}
_APPLICATION = "compte-ameli"
_LONGEST_ID = 32  # MSGID and names of parameters, §6
_SPECIAL = re.compile(r'["\\\]]')  # §6.3.3
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NIL = "-"
Payload = Callable[[Sealed], str]


@dataclass(frozen=True)
class SyslogMessages:
    """Writes events as messages of one host; without *payload* as structured data."""

    host: str
    enterprise_number: int
    payload: Payload | None = None

    def message(self, sealed: Sealed) -> bytes:
        """Return the message, without the frame."""
        event = sealed.event
        severity = _SEVERITIES[activity_of(event["type"])[1]]
        header = (
            f"<{_FACILITY * 8 + severity}>1 {event['time']} {self.host} {_APPLICATION} {_NIL}"
            f" {event['type'][:_LONGEST_ID]}"
        )
        if self.payload:
            return f"{header} {_NIL} {self.payload(sealed)}".encode()
        return f"{header} {self._structured(sealed)}".encode()

    def frame(self, sealed: Sealed) -> bytes:
        """Return the message behind its length in bytes (RFC 5425 §4.3.1)."""
        message = self.message(sealed)
        return f"{len(message)} ".encode() + message

    def _structured(self, sealed: Sealed) -> str:
        """Return every value of the event, one parameter each; a list is written with spaces."""
        told = [("position", sealed.position), *leaves(sealed.event)]
        parameters = " ".join(f'{name[:_LONGEST_ID]}="{_escaped(value)}"' for name, value in told)
        return f"[audit@{self.enterprise_number} {parameters}]"


def _escaped(value: object) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", _CONTROLS.sub(" ", text))
