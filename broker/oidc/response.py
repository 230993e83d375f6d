"""The answer to an authorization request: what it says, and the address it goes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from broker.clients.model import Client


@dataclass(frozen=True)
class AuthorizationResponse:
    """Parameters for a registered redirect URI, with ``iss`` in all of them (RFC 9207 §2)."""

    client: Client
    redirect_uri: str
    mode: str
    fields: Mapping[str, str] = field(repr=False)

    @property
    def location(self) -> str:
        """The redirect URI with the fields in its query."""
        return with_query(self.redirect_uri, self.fields)


@dataclass(frozen=True)
class LoginNeeded:
    """The person logs in first; the request waits under this id."""

    interaction_id: str


def with_query(address: str, fields: Mapping[str, str]) -> str:
    """Return the address with the fields added; a query it has is kept (RFC 6749 §3.1.2)."""
    if not fields:
        return address
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode(fields)}"
