"""The answers to an authorization request: to the partner, or to the person first."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.clients.model import Client
from broker.oidc.addresses import with_query


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


@dataclass(frozen=True)
class CreationNeeded:
    """The person begins with a new account (Initiating User Registration §4), then logs in."""

    interaction_id: str


@dataclass(frozen=True)
class Pending:
    """The request waits under this id for the page that informs."""

    interaction_id: str


@dataclass(frozen=True, kw_only=True)
class Information:
    """What the person reads before their data goes to the partner, and answers."""

    interaction_id: str
    client: Client
    data: tuple[str, ...]
    """Names of the claims that the page lists."""
    person: str | None = field(repr=False)
    """Who is logged in, where the register can certify it."""
    chooses_account: bool
    seen: str
    """Comes back with the answer, and names what was shown to whom."""
