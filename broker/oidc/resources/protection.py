"""What our own resources require of an access token, each with the challenge that says so."""

from collections.abc import Callable
from datetime import timedelta

from broker.clients.scopes import OPENID
from broker.oidc.claims.assurance import rank
from broker.oidc.errors import (
    InsufficientScope,
    InsufficientUserAuthentication,
    InvalidToken,
    ResourceError,
)
from broker.oidc.proofs.binding import ProofMissing, require_proof
from broker.oidc.proofs.dpop_jwt import ALGORITHMS
from broker.oidc.tokens.access import Access

Check = Callable[[Access, str | None], None]


def is_held_by_its_key(access: Access, proved: str | None) -> None:
    """RFC 9449 §7.1 and §7.2: a bound token serves only who proves its key, a bearer's no key."""
    try:
        require_proof(access.token.confirmation, proved)
    except ProofMissing:
        raise InvalidToken("the access token is bound to a key") from None
    if access.token.confirmation is None and proved is not None:
        raise InvalidToken("the access token is bound to no key")


def is_meant_for_us(access: Access, _proved: str | None) -> None:
    """RFC 8707 §3 and RFC 9068 §4: a token for a resource server is worth nothing here."""
    if access.token.resource is not None:
        raise InvalidToken("the access token is meant for another service")


def has_openid(access: Access, _proved: str | None) -> None:
    """OpenID Connect Core §5.3: userinfo is for OpenID Connect requests."""
    if OPENID not in access.token.scopes:
        raise InsufficientScope("the scope openid is needed", scope=OPENID)


def login_was_strong_enough(access: Access, _proved: str | None) -> None:
    """RFC 9470 §3: the partner's minimum may have been raised since the login."""
    minimum = access.client.minimum_acr
    if rank(access.grant.acr) < rank(minimum):
        raise InsufficientUserAuthentication("a stronger login is needed", acr_values=minimum)


def login_was_recent_enough(access: Access, _proved: str | None) -> None:
    """RFC 9470 §3: refreshing does not get round ``default_max_age``, unless nobody is there.

    The first token of a grant answers a request whose login was judged already.
    """
    max_age = access.client.default_max_age
    if max_age is None or access.grant.offline or access.token.generation == 0:
        return
    if access.token.issued_at > access.grant.auth_time + timedelta(seconds=max_age):
        raise InsufficientUserAuthentication("a newer login is needed", max_age=str(max_age))


CHECKS: tuple[Check, ...] = (
    is_held_by_its_key,
    is_meant_for_us,
    has_openid,
    login_was_strong_enough,
    login_was_recent_enough,
)


def require_admission(access: Access, proved: str | None) -> None:
    """Run every check; the first that fails raises a ResourceError."""
    for rule in CHECKS:
        rule(access, proved)


def challenges(error: ResourceError, authorization: str | None) -> str:
    """Return WWW-Authenticate: the scheme that was used says what is wrong (RFC 9449 §7.1).

    A bearer reads besides that there is DPoP (§7.2).
    """
    told = ", ".join(f'{name}="{value}"' for name, value in error.told.items())
    dpop = f'algs="{" ".join(ALGORITHMS)}"'
    if (authorization or "").lower().startswith("dpop "):
        return "DPoP " + ", ".join(filter(None, (told, dpop)))
    return f"Bearer {told}".strip() + f", DPoP {dpop}"
