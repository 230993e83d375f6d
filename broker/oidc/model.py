"""What the provider keeps: grants behind codes and tokens, requests on their way."""

from dataclasses import dataclass, field
from datetime import datetime

from broker.clients.model import Client


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One authorization: its code, then the tokens made of it, die together.

    ``userinfo_claims`` and ``id_token_claims`` were asked by name, beside the scopes.
    """

    family_id: str
    """Names the grant in the trail; not secret."""
    client_id: str
    account_id: str
    sid: str
    auth_event_id: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    scopes: tuple[str, ...]
    redirect_uri: str
    code_challenge: str | None = None
    nonce: str | None = field(default=None, repr=False)
    userinfo_claims: tuple[str, ...] = ()
    id_token_claims: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What is known of a code that cannot be redeemed (any more)."""

    family_id: str
    client_id: str
    redeemed: bool
    auth_event_id: str
    account_id: str


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """A request that waits for a login in one browser; its id is also its login request's."""

    id: str
    client_id: str
    values: dict[str, str] = field(repr=False)
    pushed: bytes | None
    """Digest of the request_uri it came by, used up with the answer."""
    expires_at: datetime
    finished: bool = False


@dataclass(frozen=True, kw_only=True)
class PushedRequest:
    """A request that a client pushed (RFC 9126), not yet used."""

    digest: bytes
    client_id: str
    values: dict[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What one person agreed that one partner reads: names of claims, in one wording."""

    client_id: str
    data: frozenset[str]
    version: str
    given_at: datetime


@dataclass(frozen=True)
class AuthorizedService:
    """A partner that a person agreed to, as the account page lists it."""

    client: Client
    data: tuple[str, ...]
    since: datetime
