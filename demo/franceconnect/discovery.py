"""The discovery document of the low platform."""

from typing import Any

from demo.franceconnect.config import Config
from demo.franceconnect.scopes import SCOPES

_ALGORITHMS = ["ES256", "RS256", "HS256"]


def metadata(config: Config) -> dict[str, Any]:
    """Return what sites read; it announces PKCE, which authorization requests then refuse."""
    issuer = config.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/session/end",
        "revocation_endpoint": f"{issuer}/token/revocation",
        "scopes_supported": list(SCOPES),
        "claims_supported": sorted(
            {name for names in SCOPES.values() for name in names}
            | {"acr", "auth_time", "nonce", "aud", "exp", "iat", "iss"}
        ),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "acr_values_supported": list(config.acr_values),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "id_token_signing_alg_values_supported": _ALGORITHMS,
        "userinfo_signing_alg_values_supported": _ALGORITHMS,
        "code_challenge_methods_supported": ["S256"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
