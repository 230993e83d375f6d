"""What our own resources require of an access token, each with the challenge that says so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from broker.clients.scopes import OPENID
from broker.oidc.access_token import Access
from broker.oidc.assurance import rank
from broker.oidc.binding import ProofMissing, require_proof
from broker.oidc.errors import (
    InsufficientScope,
    InsufficientUserAuthentication,
    InvalidToken,
    ResourceError,
    TokenRequired,
    TwoTokens,
)
from broker.oidc.parameters import Parameters
from broker.oidc.proof import ALGORITHMS

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


@dataclass(frozen=True)
class Presented:
    """An access token as a request brings it."""

    text: str = field(repr=False)
    with_proof: bool
    """Whether by the scheme DPoP, which stands for nothing without a proof."""


def in_form(form: Parameters) -> str | None:
    """Return the access token of a form (RFC 6750 §2.2), whose parameters come once (§3.1)."""
    if form.repeated:
        raise TwoTokens("a parameter was given more than once")
    return form.get("access_token")


def presented(authorization: str | None, in_body: str | None) -> Presented:
    """Return the access token of a request, never from the query.

    RFC 6750 §2.1 and §2.2, RFC 9449 §7.1; the name of a scheme has no case (RFC 9110 §11.1).
    """
    if authorization is None:
        if in_body is None:
            raise TokenRequired("an access token is required")
        return Presented(in_body, with_proof=False)
    if in_body is not None:
        raise TwoTokens("the access token came in two ways")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() not in {"bearer", "dpop"} or not token.strip():
        raise TokenRequired("an access token is required")
    return Presented(token.strip(), with_proof=scheme.lower() == "dpop")


def challenges(error: ResourceError, authorization: str | None) -> str:
    """Return WWW-Authenticate: the scheme that was used says what is wrong (RFC 9449 §7.1).

    A bearer reads besides that there is DPoP (§7.2).
    """
    told = ", ".join(f'{name}="{value}"' for name, value in error.told.items())
    dpop = f'algs="{" ".join(ALGORITHMS)}"'
    if (authorization or "").lower().startswith("dpop "):
        return "DPoP " + ", ".join(filter(None, (told, dpop)))
    return f"Bearer {told}".strip() + f", DPoP {dpop}"
