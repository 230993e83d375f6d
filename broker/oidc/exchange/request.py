"""What a token request asks beside its code or refresh token, and what it may be given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from broker.clients.model import Client
from broker.oidc.errors import InvalidGrant, InvalidScope, InvalidTarget
from broker.oidc.grants.model import Grant
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.binding import ProofMissing, require_proof


@dataclass(frozen=True)
class TokenRequest:
    """The wishes of one token request; None where it has none."""

    scopes: tuple[str, ...] | None
    resource: str | None
    proved: str | None
    """Thumbprint of the key that the request proves; None: it proves none."""

    @classmethod
    def of_code(cls, form: Parameters, proved: str | None) -> Self:
        """Read a redemption: the scopes were said in the authorization request."""
        return cls(None, _resource(form), proved)

    @classmethod
    def of_refresh(cls, form: Parameters, proved: str | None) -> Self:
        """Read a refresh, which may ask fewer scopes (RFC 6749 §6)."""
        scope = form.get("scope")
        scopes = tuple(dict.fromkeys(scope.split())) if scope else None
        return cls(scopes, _resource(form), proved)

    def key_of(self, client: Client) -> str | None:
        """Return the key that a refresh token of this client is bound to (RFC 9449 §5).

        None where the client proves itself at each use: it may change its key.
        """
        return self.proved if client.rotates else None


def _resource(form: Parameters) -> str | None:
    resources = (form.get("resource") or "").split()
    if len(resources) > 1:
        raise InvalidTarget("an access token is for one resource")
    return resources[0] if resources else None


def is_held_by_its_key(grant: Grant, request: TokenRequest, _client: Client) -> None:
    """RFC 9449 §5: a grant bound to a key serves only who proves that key."""
    try:
        require_proof(grant.confirmation, request.proved)
    except ProofMissing:
        raise InvalidGrant("the grant is bound to a key", "key") from None


def asks_no_more_scopes(grant: Grant, request: TokenRequest, _client: Client) -> None:
    """RFC 6749 §6: a scope that was not granted is refused, not left out."""
    if not set(request.scopes or ()) <= set(grant.scopes):
        raise InvalidScope("a refresh may not ask more than was granted")


Check = Callable[[Grant, TokenRequest, Client], None]
CHECKS: tuple[Check, ...] = (is_held_by_its_key, asks_no_more_scopes)


def scopes_for(grant: Grant, request: TokenRequest, client: Client) -> tuple[str, ...]:
    """Run every check; return the scopes of the answer: what the client may still ask."""
    for rule in CHECKS:
        rule(grant, request, client)
    asked = grant.scopes if request.scopes is None else request.scopes
    return tuple(scope for scope in asked if client.may_ask(scope))
