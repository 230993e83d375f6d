"""One message of syslog (RFC 5424), of the facility "log audit", and its frame (RFC 5425)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from broker.audit.taxonomy import Severity

EXAMPLE_NUMBER = 32_473  # RFC 5612: an enterprise number that nobody has, for want of one
_FACILITY = 13  # log audit, §6.2.1
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


def syslog_message(
    severity: Severity, moment: datetime, host: str, kind: str, content: str
) -> bytes:
    """Return the message, without a frame; *content*: structured data, then perhaps a text."""
    at = moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    priority = _FACILITY * 8 + _SEVERITIES[severity]
    header = f"<{priority}>1 {at} {host} {_APPLICATION} - {kind[:_LONGEST_ID]}"
    return f"{header} {content}".encode()


def element(name: str, facts: Mapping[str, object], number: int = EXAMPLE_NUMBER) -> str:
    """Return structured data; the values of a list are written with spaces between them."""
    told = " ".join(f'{key[:_LONGEST_ID]}="{_escaped(value)}"' for key, value in facts.items())
    return f"[{name}@{number} {told}]"


def framed(message: bytes) -> bytes:
    """Return the message behind its length in bytes (RFC 5425 §4.3.1, RFC 6587 §3.4.1)."""
    return f"{len(message)} ".encode() + message


def _escaped(value: object) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", _CONTROLS.sub(" ", text))
