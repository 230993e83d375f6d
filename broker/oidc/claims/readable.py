"""What a partner may read: by a request, by a grant, and as the pages list it."""

from collections.abc import Iterable

from broker.clients.model import Client
from broker.clients.scopes import CLAIMS, OFFLINE, claims_of
from broker.oidc.claims.person import in_userinfo, obtainable_by_name
from broker.oidc.grants.model import Grant
from broker.oidc.requests.as_sent import AuthorizationRequest

# What goes without saying beside another line of the page.
_IMPLIED = {
    "email_verified": {"email"},
    "phone_number_verified": {"phone_number"},
    "name": {"given_name", "family_name"},
}
_ORDER = (*claims_of(CLAIMS), OFFLINE)


def data_of(request: AuthorizationRequest, client: Client) -> tuple[str, ...]:
    """Return what an answer would let the client read, by the names of claims.

    To read it while the person is away is one thing more (OpenID Connect Core §11).
    """
    claims = request.claims
    by_name = obtainable_by_name((*claims.userinfo, *claims.id_token), client)
    read = in_userinfo(request.known_scopes, by_name)
    offline = OFFLINE in request.known_scopes and client.may_ask(OFFLINE)
    return (*read, OFFLINE) if offline else read


def data_of_grant(grant: Grant, client: Client) -> tuple[str, ...]:
    """Return what a grant lets the client read, by the same names."""
    by_name = obtainable_by_name((*grant.userinfo_claims, *grant.id_token_claims), client)
    read = in_userinfo(grant.scopes, by_name)
    return (*read, OFFLINE) if grant.offline else read


def lines(data: Iterable[str]) -> tuple[str, ...]:
    """Return what the pages list, in one order: each thing once, without what is implied."""
    names = set(data)
    said = (name for name in names if name not in _IMPLIED or not _IMPLIED[name] <= names)
    return tuple(sorted(said, key=_ORDER.index))
