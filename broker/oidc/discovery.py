"""What the provider says of itself (OpenID Connect Discovery §3, RFC 8414 §2)."""

import json
from functools import lru_cache
from typing import Any

from broker.base.jwe import ENCRYPTION, KINDS
from broker.clients.model import AuthMethod
from broker.clients.scopes import CLAIMS, NIR
from broker.keys.model import Algorithm
from broker.oidc.addresses import (
    AUTHORIZE,
    CHALLENGE,
    END_SESSION,
    INTROSPECT,
    JWKS,
    PAR,
    REVOKE,
    TOKEN,
    USERINFO,
)
from broker.oidc.claims.assurance import LEVELS
from broker.oidc.claims.person import SUPPORTED
from broker.oidc.proofs.dpop_jwt import ALGORITHMS
from broker.oidc.requests.checks import PROMPTS, RESPONSE_MODES

_ADDRESSES = {
    "authorization_endpoint": AUTHORIZE,
    "token_endpoint": TOKEN,
    "userinfo_endpoint": USERINFO,
    "jwks_uri": JWKS,
    "pushed_authorization_request_endpoint": PAR,
    "authorization_challenge_endpoint": CHALLENGE,
    "introspection_endpoint": INTROSPECT,
    "revocation_endpoint": REVOKE,
    "end_session_endpoint": END_SESSION,
}
_PROTOCOL_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid")
_LOGOUT = {
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
}


@lru_cache(maxsize=1)
def metadata_text(issuer: str) -> str:
    """Return the document as it is published: it never changes while the process runs."""
    return json.dumps(metadata(issuer))


def metadata(issuer: str) -> dict[str, Any]:
    """Return the metadata document: nothing that is not true."""
    signing = [str(algorithm) for algorithm in Algorithm]
    methods = [str(method) for method in AuthMethod]
    assertions = list(ALGORITHMS)
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in _ADDRESSES.items()},
        "require_pushed_authorization_requests": False,
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "scopes_supported": [scope for scope in CLAIMS if scope != NIR],
        "claims_supported": [*_PROTOCOL_CLAIMS, *SUPPORTED],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        **_LOGOUT,
        "acr_values_supported": list(LEVELS),
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": ["page"],
        "ui_locales_supported": ["fr"],
        "id_token_signing_alg_values_supported": signing,
        "id_token_encryption_alg_values_supported": list(KINDS),
        "id_token_encryption_enc_values_supported": [ENCRYPTION],
        "userinfo_signing_alg_values_supported": signing,
        "userinfo_encryption_alg_values_supported": list(KINDS),
        "userinfo_encryption_enc_values_supported": [ENCRYPTION],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_endpoint_auth_methods_supported": [m for m in methods if m != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": assertions,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
    }
