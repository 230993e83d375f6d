"""How well a partner's registration uses what the protocol offers: OAuth 2.1 and FAPI 2.0."""

from broker.base.grades import Criterion, Grade, Standard, grade
from broker.clients.addresses import is_loopback
from broker.clients.model import STRONG_SIGNATURES, AuthMethod, Client, Profile


def grades_of(client: Client) -> tuple[Grade, ...]:
    """Judge a registration by every rule that depends on the partner."""
    return grade(client, CRITERIA)


def _pkce(client: Client) -> bool:
    lifted = any(rule.name == "no_pkce" for rule in client.compatibility)
    return client.profile is not Profile.FRANCECONNECT and not lifted


def _redirects_are_safe(client: Client) -> bool:
    return all(
        uri.startswith("https://") or (client.application_type == "native" and is_loopback(uri))
        for uri in client.redirect_uris
    )


def _redirects_are_https(client: Client) -> bool:
    return all(uri.startswith("https://") for uri in client.redirect_uris)


def _strongly_signed(client: Client) -> bool:
    signatures = {client.id_token_signed_response_alg, client.userinfo_signed_response_alg}
    return signatures - {None} <= STRONG_SIGNATURES


CRITERIA: tuple[Criterion[Client], ...] = (
    Criterion(Standard.OAUTH_2_1, "PKCE protects every request (§4.1.1)", _pkce),
    Criterion(
        Standard.OAUTH_2_1,
        "redirect URIs are https, or loopback in a native application (§2.3.1)",
        _redirects_are_safe,
    ),
    Criterion(Standard.FAPI_2_0, "PKCE protects every request (§5.3.2.2-5)", _pkce),
    Criterion(Standard.FAPI_2_0, "redirect URIs are https (§5.3.2.2-8)", _redirects_are_https),
    Criterion(
        Standard.FAPI_2_0,
        "requests are pushed (§5.3.2.2-2)",
        lambda client: client.require_pushed_authorization_requests,
    ),
    Criterion(
        Standard.FAPI_2_0,
        "the client proves itself by a signed assertion (§5.3.2.1-6)",
        lambda client: client.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY_JWT,
    ),
    Criterion(
        Standard.FAPI_2_0,
        "access tokens are bound to a key (§5.3.2.1-4)",
        lambda client: client.dpop_bound_access_tokens,
    ),
    Criterion(
        Standard.FAPI_2_0, "answers are signed with ES256 or PS256 (§5.4.1)", _strongly_signed
    ),
)
