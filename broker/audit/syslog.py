"""One message of syslog (RFC 5424), of the facility "log audit"."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from broker.audit.taxonomy import Severity

_FACILITY = 13  # log audit, §6.2.1
_SEVERITIES = {
    Severity.INFORMATIONAL: 6,
    Severity.LOW: 5,
    Severity.MEDIUM: 4,
    Severity.HIGH: 3,
    Severity.CRITICAL: 2,
}
_APPLICATION = "compte-ameli"
_EXAMPLE_NUMBER = 32_473  # RFC 5612: an enterprise number that nobody has, for want of one
_SPECIAL = re.compile(r'["\\\]]')  # §6.3.3
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def syslog_message(
    severity: Severity, moment: datetime, host: str, kind: str, facts: Mapping[str, object]
) -> bytes:
    """Return the message, without the frame of its transport."""
    at = moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    priority = _FACILITY * 8 + _SEVERITIES[severity]
    told = " ".join(f'{name}="{_escaped(str(value))}"' for name, value in facts.items())
    element = f"[alert@{_EXAMPLE_NUMBER} {told}]"
    return f"<{priority}>1 {at} {host} {_APPLICATION} - {kind} {element}".encode()


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", _CONTROLS.sub(" ", text))
