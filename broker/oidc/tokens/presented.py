"""Access tokens as requests bring them."""

from dataclasses import dataclass, field

from broker.oidc.errors import TokenRequired, TwoTokens
from broker.oidc.parameters import Parameters


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
