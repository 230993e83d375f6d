"""What the members of a registration must be together."""

from collections.abc import Callable

from broker.clients.addresses import origin
from broker.clients.key_sets import encrypting, signs
from broker.clients.model import STRONG_SIGNATURES, AuthMethod, Profile
from broker.clients.registration import Registration
from broker.clients.scopes import NIR, OPENID


def inconsistencies(registration: Registration) -> tuple[str, ...]:
    """Return every rule between members that is broken, as the member and what it must be."""
    fapi = registration.ameli.profile is Profile.FAPI2
    rules = (*_RULES, *_OF_FAPI) if fapi else _RULES
    rules = (*rules, *_OF_OUR_APPS) if registration.ameli.first_party else rules
    return tuple(flaw for holds, flaw in rules if not holds(registration))


def _has_a_key_to_verify_with(r: Registration) -> bool:
    by_key = r.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY_JWT
    return not by_key or bool(r.jwks_uri) or any(signs(key) for key in r.public_keys())


def _has_a_key_to_encrypt_for(r: Registration) -> bool:
    wanted = {r.id_token_encrypted_response_alg, r.userinfo_encrypted_response_alg} - {None}
    return bool(r.jwks_uri) or all(encrypting(r.public_keys(), str(name)) for name in wanted)


def _names_both(r: Registration, answer: str) -> bool:
    """Tell whether alg and enc stand together (OpenID registration §2).

    Where enc is absent the standard means A128CBC-HS256, which is not made here.
    """
    names = (f"{answer}_encrypted_response_{part}" for part in ("alg", "enc"))
    return len({getattr(r, name) is None for name in names}) == 1


_RULES: tuple[tuple[Callable[[Registration], bool], str], ...] = (
    (lambda r: bool(r.redirect_uris) or r.ameli.resource is not None,
     "redirect_uris: at least one"),
    (lambda r: r.names_sector or len(r.hosts()) <= 1,
     "ameli.sector: or a sector_identifier_uri, where the redirect URIs have several hosts"),
    (lambda r: not r.ameli.introspects or r.ameli.resource is not None,
     "ameli.resource: required of a client that introspects"),
    (lambda r: r.ameli.access_token_signed_response_alg is None or r.ameli.resource is not None,
     "ameli.access_token_signed_response_alg: is for a client that has a resource"),
    (lambda r: not r.ameli.introspects or r.token_endpoint_auth_method is not AuthMethod.NONE,
     "ameli.introspects: needs a client that proves itself"),
    (lambda r: r.ameli.ssf is None or bool(r.redirect_uris),
     "ameli.ssf: is for a client that people log in to"),
    (lambda r: r.ameli.ssf is None or r.token_endpoint_auth_method is not AuthMethod.NONE,
     "ameli.ssf: needs a client that proves itself"),
    (lambda r: not r.redirect_uris or OPENID in r.scope.split(), "scope: openid is required"),
    (lambda r: r.frontchannel_logout_uri is None
     or origin(r.frontchannel_logout_uri) in map(origin, r.redirect_uris),
     "frontchannel_logout_uri: scheme, host and port of a redirect URI"),
    (lambda r: NIR not in r.scope.split() or r.ameli.nir, "scope: nir needs ameli.nir"),
    (lambda r: r.jwks is None or r.jwks_uri is None, "jwks: not beside jwks_uri"),
    (_has_a_key_to_verify_with, "jwks: a key that signs is required for private_key_jwt"),
    (lambda r: r.token_endpoint_auth_method is not AuthMethod.PRIVATE_KEY_JWT
     or (r.token_endpoint_auth_signing_alg or r.algorithm_of_keys()) is not None,
     "token_endpoint_auth_signing_alg: required beside jwks_uri, and of keys of several kinds"),
    (lambda r: _names_both(r, "id_token"),
     "id_token_encrypted_response_enc: A256GCM, where alg is named and only there"),
    (lambda r: _names_both(r, "userinfo"),
     "userinfo_encrypted_response_enc: A256GCM, where alg is named and only there"),
    (_has_a_key_to_encrypt_for, "jwks: a key of use enc is required for the encryption named"),
    (lambda r: r.token_endpoint_auth_method is not AuthMethod.NONE or not r.ameli.compatibility,
     "ameli.compatibility: without a proof of its own a client needs PKCE"),
)  # fmt: skip
_OF_FAPI: tuple[tuple[Callable[[Registration], bool], str], ...] = (
    (lambda r: r.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY_JWT,
     "token_endpoint_auth_method: private_key_jwt for fapi2 (FAPI 2.0 §5.3.2.1-6)"),
    (lambda r: r.id_token_signed_response_alg in STRONG_SIGNATURES,
     "id_token_signed_response_alg: ES256 or PS256 for fapi2 (§5.4.1)"),
    (lambda r: r.userinfo_signed_response_alg in {None, *STRONG_SIGNATURES},
     "userinfo_signed_response_alg: ES256 or PS256 for fapi2 (§5.4.1)"),
    (lambda r: all(uri.startswith("https://") or r.application_type == "web"
                   for uri in r.redirect_uris),
     "redirect_uris: https for fapi2 (§5.3.2.2-8)"),
    (lambda r: not r.ameli.compatibility,
     "ameli.compatibility: no rule is lifted for fapi2 (§5.3.2.2-5)"),
)  # fmt: skip
# draft-ietf-oauth-first-party-apps-04
_OF_OUR_APPS: tuple[tuple[Callable[[Registration], bool], str], ...] = (
    (lambda r: r.application_type == "native", "application_type: native for first_party (§1.1)"),
    (lambda r: r.token_endpoint_auth_method in {AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT},
     "token_endpoint_auth_method: none or private_key_jwt for first_party (§9.4)"),
    (lambda r: r.dpop_bound_access_tokens,
     "dpop_bound_access_tokens: true for first_party (§9.5)"),
    (lambda r: r.ameli.profile is Profile.STANDARD,
     "ameli.profile: standard for first_party, whose requests pass through no browser"),
    (lambda r: not r.ameli.compatibility,
     "ameli.compatibility: no rule is lifted for first_party"),
)  # fmt: skip
