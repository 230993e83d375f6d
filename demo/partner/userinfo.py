"""Userinfo as plain JSON or as a signed JWT, whichever the partner registered.

Authlib's own `userinfo()` reads JSON only.
"""

from typing import Any

from authlib.integrations.flask_client import FlaskOAuth2App
from joserfc import jwt

from demo.partner.refusal import LoginRefused
from demo.partner.settings import ProviderSettings
from demo.partner.signed import verified


def read_userinfo(
    client: FlaskOAuth2App, token: dict[str, Any], settings: ProviderSettings
) -> dict[str, Any]:
    """Fetch the claims of the bearer of *token* in the registered form, and in no other."""
    endpoint = client.server_metadata["userinfo_endpoint"]
    media_type = "application/jwt" if settings.signed_userinfo else "application/json"
    response = client.get(endpoint, token=token, headers={"Accept": media_type})
    response.raise_for_status()
    if response.headers.get("Content-Type", "").partition(";")[0].strip() != media_type:
        raise LoginRefused("userinfo_form_unexpected", status=502)
    if settings.signed_userinfo:
        return _verified(client, response.text, settings)
    claims: dict[str, Any] = response.json()
    return claims


def _verified(client: FlaskOAuth2App, compact: str, settings: ProviderSettings) -> dict[str, Any]:
    """Check signature, issuer and audience (OpenID Connect Core 5.3.2)."""
    decoded = verified(client, compact, settings.signing_algorithm)
    registry = jwt.JWTClaimsRegistry(
        leeway=30,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        sub={"essential": True},
    )
    registry.validate(decoded.claims)
    return decoded.claims
