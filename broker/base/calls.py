"""What a program calls, free of any framework: a function from what was sent to what is said."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar

_Service = TypeVar("_Service")
_JSON = ("Content-Type", "application/json")
_Headers = tuple[tuple[str, str], ...]
Lists = Iterable[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a program."""

    services: Mapping[type, object]
    method: str
    path: str
    authorization: str | None = field(repr=False)
    proof: str | None = field(repr=False)
    """The header ``DPoP`` (RFC 9449 §4)."""
    form: Callable[[], Lists] = field(repr=False)
    """Reads the form, each name with its values."""

    def use(self, service: type[_Service]) -> _Service:
        """Return the service of that type, built once by the composition root."""
        found = self.services[service]
        if not isinstance(found, service):
            raise TypeError(service)
        return found


@dataclass(frozen=True, slots=True)
class Said:
    """The answer."""

    body: bytes = field(default=b"", repr=False)
    status: HTTPStatus = HTTPStatus.OK
    headers: _Headers = ()


Program = Callable[[Call], Said]
Table = Mapping[tuple[str, str], Program]
"""What answers, by method and path."""


def say_json(
    document: Mapping[str, Any], *headers: tuple[str, str], status: HTTPStatus = HTTPStatus.OK
) -> Said:
    """Say a document; its members keep the order that they were given in."""
    return Said(json.dumps(document).encode(), status, (_JSON, *headers))


def asked_later(moment: datetime) -> dict[str, str]:
    """Say in the form of OAuth's errors when to come back; RFC 6749 has no code of its own."""
    when = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "error": "temporarily_unavailable",
        "error_description": f"too many requests: try again at {when}",
    }


def stopped_by(status: int) -> dict[str, str]:
    """Say in the form of OAuth's errors whose fault it is (RFC 6749 §5.2 and §4.1.2.1)."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        error = "temporarily_unavailable"
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        error = "server_error"
    else:
        error = "invalid_request"
    return {"error": error, "error_description": HTTPStatus(status).phrase}
