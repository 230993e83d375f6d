"""CEF, the Common Event Format: what a correlation rule needs of an event, in one line."""

import re
from collections.abc import Iterator
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Any

from broker.audit.catalogue import activity_of
from broker.audit.formats.leaves import leaves
from broker.audit.sealing.sealed import Sealed
from broker.audit.taxonomy import Severity

_VENDOR, _PRODUCT, _VERSION = "Assurance Maladie", "compte ameli", "1"
_SEVERITIES = {
    Severity.INFORMATIONAL: 1,
    Severity.LOW: 3,
    Severity.MEDIUM: 5,
    Severity.HIGH: 8,
    Severity.CRITICAL: 10,
}
_KEYS = {
    "event_id": "externalId",
    "outcome": "outcome",
    "reason_code": "reason",
    "subject_ref": "suid",
    "actor.kind": "spriv",
    "actor.ref": "suser",
    "src.port": "spt",
    "src.ua": "requestClientApplication",
    "http.method": "requestMethod",
}
_LABELLED = {
    "client_id": "cs1",
    "token.family_id": "cs2",
    "auth_event_id": "cs3",
    "session_ref": "cs4",
    "txn": "cs5",
    "request_id": "cs6",
}
_LABELS = {
    "client_id": "clientId",
    "token.family_id": "familyId",
    "auth_event_id": "authEventId",
    "session_ref": "sessionRef",
    "txn": "txn",
    "request_id": "requestId",
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def cef(sealed: Sealed) -> str:
    """Return the line; what CEF has no key for stays behind."""
    event = sealed.event
    kind = event["type"]
    severity = _SEVERITIES[activity_of(kind)[1]]
    named = (_VENDOR, _PRODUCT, _VERSION, kind, kind.replace(".", " ").replace("_", " "))
    header = "|".join(_in_header(part) for part in named)
    extension = " ".join(f"{key}={_in_extension(value)}" for key, value in _extension(sealed))
    return f"CEF:0|{header}|{severity}|{extension}"


def _extension(sealed: Sealed) -> Iterator[tuple[str, Any]]:
    event = sealed.event
    yield "rt", int(datetime.fromisoformat(event["time"]).timestamp() * 1_000)
    yield from (("cn1Label", "position"), ("cn1", sealed.position))
    for path, value in leaves(event):
        if path in _KEYS:
            yield _KEYS[path], value
        elif path in _LABELLED:
            yield f"{_LABELLED[path]}Label", _LABELS[path]
            yield _LABELLED[path], value
        elif path == "src.ip":
            yield from _address(value)


def _address(written: str) -> Iterator[tuple[str, str]]:
    """Yield the address: ``src`` is of IPv4 alone."""
    try:
        of_six = isinstance(ip_address(written), IPv6Address)
    except ValueError:
        return
    if of_six:
        yield from (("c6a2Label", "Source IPv6 Address"), ("c6a2", written))
    else:
        yield "src", written


def _in_header(text: str) -> str:
    return _CONTROLS.sub(" ", text).replace("\\", "\\\\").replace("|", "\\|")


def _in_extension(value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace("=", "\\=")
    lines = escaped.replace("\r", "\\r").replace("\n", "\\n")
    return _CONTROLS.sub(" ", lines)
